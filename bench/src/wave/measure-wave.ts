import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { DEFAULT_SHARD_COUNT, TOPICS } from '#libs/contracts';

const START_POLL_MS = 5;
const END_POLL_MS = 20;
const WITHIN_MS = 20 * 60_000;

/** What the run's own tables say, asked by SQL so that it costs the service nothing. */
export class WaveGauge {
  private constructor(
    private readonly client: pg.Client,
    private readonly schema: string,
    private readonly isAlive: () => boolean,
  ) {}

  static async open(databaseUrl: string, schema: string, isAlive: () => boolean): Promise<WaveGauge> {
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    return new WaveGauge(client, schema, isAlive);
  }

  close(): Promise<void> {
    return this.client.end();
  }

  /** Resolves with the first batch that the service takes up. */
  async untilBegun(): Promise<void> {
    const { schema } = this;
    await this.poll(`select to_regclass('${schema}.outbox') is not null as yes`, END_POLL_MS);
    await this.poll(`select exists (select from ${schema}.shard) as yes`, START_POLL_MS);
  }

  /** Resolves once so many records of promises are read and everything decided is published. */
  untilSettled(records: number): Promise<void> {
    const { schema } = this;
    return this.poll(
      `select (select coalesce(sum(next_offset), 0) from ${schema}.shard_offset where topic = '${TOPICS.promises}') >= ${records}
         and not exists (select from ${schema}.outbox) as yes`,
      END_POLL_MS,
    );
  }

  /** Resolves once every shard has applied the command about many lines, and all of it is published. */
  untilReleased(): Promise<void> {
    const { schema } = this;
    return this.poll(
      `select (select count(*) from ${schema}.bulk_decision where is_done) = ${DEFAULT_SHARD_COUNT}
         and not exists (select from ${schema}.outbox) as yes`,
      END_POLL_MS,
    );
  }

  async count(sql: string): Promise<number> {
    const { rows } = await this.client.query<{ n: number }>(sql.replaceAll('$schema', this.schema));
    return Number(rows[0]?.n ?? 0);
  }

  async dropAll(): Promise<void> {
    await this.client.query(`drop schema if exists ${this.schema} cascade`);
    await this.client.query('checkpoint');
  }

  private async poll(sql: string, everyMs: number): Promise<void> {
    const untilMs = performance.now() + WITHIN_MS;
    while ((await this.client.query<{ yes: boolean }>(sql)).rows[0]?.yes !== true) {
      if (!this.isAlive()) throw new Error('compensation ended before it was done; see its log');
      if (performance.now() > untilMs) throw new Error(`not done within ${WITHIN_MS / 1_000} s`);
      await sleep(everyMs);
    }
  }
}
