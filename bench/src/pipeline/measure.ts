import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { LAST_TICK_MS } from './workload.js';

const START_POLL_MS = 5;
const END_POLL_MS = 20;

/** How a contender's own tables say that it has begun and that all is done; both keep the same ones. */
export interface Gauge {
  readonly schema: string;
  /** Table and column of what is due, to see that no deadline is left: `subject.wake_at_ms`. */
  readonly due: { readonly table: string; readonly column: string };
  readonly records: number;
  readonly isAlive: () => boolean;
  readonly withinMs: number;
}

/** Milliseconds from the first batch that a contender takes up until all is read, decided and published. */
export async function measureRun(databaseUrl: string, gauge: Gauge, onStart: () => void): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { schema, due } = gauge;
    const migrated = `select to_regclass('${schema}.shard') is not null as yes`;
    const began = `select exists (select from ${schema}.shard) as yes`;
    // Cheap questions first: only once all is read and published the table of deadlines is asked.
    const settled = `
      select (select coalesce(sum(next_offset), 0) from ${schema}.shard_offset) >= ${gauge.records}
         and not exists (select from ${schema}.outbox) as yes`;
    const nothingDue = `select not exists (select from ${schema}.${due.table} where ${due.column} < ${LAST_TICK_MS}) as yes`;
    const is = async (sql: string): Promise<boolean> =>
      (await client.query<{ yes: boolean }>(sql)).rows[0]?.yes === true;
    const untilMs = performance.now() + gauge.withinMs;
    const poll = async (check: () => Promise<boolean>, everyMs: number): Promise<void> => {
      while (!(await check())) {
        if (!gauge.isAlive()) throw new Error('the contender ended before it was done; see its log');
        if (performance.now() > untilMs) throw new Error(`not done within ${gauge.withinMs / 1_000} s`);
        await sleep(everyMs);
      }
    };
    await poll(() => is(migrated), END_POLL_MS);
    await poll(() => is(began), START_POLL_MS);
    const startMs = performance.now();
    onStart();
    await poll(async () => (await is(settled)) && (await is(nothingDue)) && (await is(settled)), END_POLL_MS);
    return performance.now() - startMs;
  } finally {
    await client.end();
  }
}

/** Removes what a run left in the database and takes its work out of the next run's time. */
export async function cleanUp(databaseUrl: string, ...schemas: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    for (const schema of schemas) await client.query(`drop schema if exists ${schema} cascade`);
    await client.query('checkpoint');
  } finally {
    await client.end();
  }
}
