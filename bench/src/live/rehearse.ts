import type { ChildProcess } from 'node:child_process';
import pg from 'pg';
import { TOPICS } from '#libs/contracts';
import type { Contender, RunNames } from '../pipeline/contender.js';
import { end, type Stage } from '../service.js';
import { cleanUp } from '../pipeline/measure.js';
import { seedLines } from '../pipeline/seed.js';
import { dropTopic, makeFreshTopic } from '../pipeline/topics.js';
import { waitUntil } from '../pipeline/wait.js';
import type { Announce, LogLine } from '../pipeline/workload.js';
import { Watcher, type OnSeen } from './watcher.js';

/** A contender that has read all there was, and is watched. */
export interface Rehearsed {
  readonly watcher: Watcher;
  /** Records that it has applied, over all shards. */
  readonly applied: () => Promise<number>;
  readonly seeded: number;
  readonly schema: string;
  /** For another instance of it. */
  readonly names: RunNames;
  readonly query: <Row extends pg.QueryResultRow>(sql: string) => Promise<Row[]>;
  /** Of the process that runs now. */
  readonly pid: () => number;
  /** kill -9, and a new process at once. */
  readonly killAndRestart: () => void;
  /** Ends it in order, does the work, and starts a new process. */
  readonly restart: (meanwhile: () => Promise<void>) => Promise<void>;
}

const READ_WITHIN_MS = 180_000;

/** Starts a contender on a log of its own, waits until it has read it whole, does the work, cleans up. */
export async function rehearse<T>(
  stage: Stage,
  contender: Contender,
  run: {
    readonly name: string;
    readonly announce: Announce;
    readonly lines: Iterable<LogLine>;
    readonly readWithinMs?: number;
    readonly guaranteeFile?: string;
    /** Instead of a watcher that remembers. */
    readonly onSeen?: OnSeen;
  },
  work: (rehearsed: Rehearsed) => Promise<T>,
): Promise<T> {
  const schema = `bench_${run.name}`;
  const topic = `bench.${run.name.replaceAll('_', '.')}`;
  const names: RunNames = { schema, group: topic, topic };
  await makeFreshTopic(stage.brokers, TOPICS.events);
  await makeFreshTopic(stage.brokers, topic);
  const seeded = await seedLines(stage.brokers, run.lines, run.announce, run.guaranteeFile);
  const client = new pg.Client({ connectionString: stage.databaseUrl });
  await client.connect();
  let child: ChildProcess = contender.start(stage, names);
  let watcher: Watcher | null = null;
  try {
    const applied = async (): Promise<number> => {
      const made = await client.query<{ yes: boolean }>(`select to_regclass('${schema}.outbox') is not null as yes`);
      if (!made.rows[0]?.yes) return 0;
      const sum = `select coalesce(sum(next_offset), 0)::integer as records from ${schema}.shard_offset`;
      return (await client.query<{ records: number }>(sum)).rows[0]?.records ?? 0;
    };
    await waitUntil(
      async () => (await applied()) >= seeded,
      'the contender has read the log',
      run.readWithinMs ?? READ_WITHIN_MS,
    );
    const isPublished = `select not exists (select from ${schema}.outbox) as yes`;
    await waitUntil(
      async () => (await client.query<{ yes: boolean }>(isPublished)).rows[0]?.yes === true,
      'all is published',
    );
    watcher = await Watcher.open(stage.brokers, topic, run.onSeen ?? null);
    const killAndRestart = (): void => {
      child.kill('SIGKILL');
      child = contender.start(stage, names);
    };
    const query = async <Row extends pg.QueryResultRow>(sql: string): Promise<Row[]> =>
      (await client.query<Row>(sql)).rows;
    const pid = (): number => child.pid ?? 0;
    const restart = async (meanwhile: () => Promise<void>): Promise<void> => {
      await end(child);
      await meanwhile();
      child = contender.start(stage, names);
    };
    return await work({ watcher, applied, seeded, schema, names, query, pid, killAndRestart, restart });
  } finally {
    await watcher?.close();
    await end(child);
    await client.end();
    await cleanUp(stage.databaseUrl, schema);
    await dropTopic(stage.brokers, topic);
  }
}
