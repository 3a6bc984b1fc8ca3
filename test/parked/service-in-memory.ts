import type { PGlite } from '@electric-sql/pglite';
import { LETTER_TYPE, type DeadLetterEvent, type LetterStatus } from '#libs/contracts';
import { publisherOver, type LogReader, type LogRecord, type OutgoingRecord, type RecordBatch } from '#libs/messaging';
import type { Database, Sql } from '#libs/persistence';
import { KIT_MIGRATIONS } from '#libs/service';
import {
  MAIN,
  NO_EFFECTS,
  OutboxRelay,
  ShardDatabases,
  ShardLog,
  type Effects,
  type ShardBatch,
  type ShardProcessor,
} from '#libs/shard-log';
import { memoryPostgres, stampOf, type Migration } from '../memory/memory-postgres.js';

const RETRIES_MAX = 50;
const DEAD_LETTERS = 'dlq';

/** A processor with a defect that can be mended: it fails at records whose text holds one of the `poison` words. */
class Flawed implements ShardProcessor {
  readonly poison = new Set<string>();
  readonly parks: ReadonlySet<string>;

  constructor(private readonly processor: ShardProcessor) {
    this.parks = processor.parks ?? new Set();
  }

  apply(batch: ShardBatch, tx: Sql): Promise<Effects> {
    for (const { value } of batch.records)
      for (const word of this.poison)
        if (value.toString().includes(word)) return Promise.reject(new Error(`a defect of ours at ${word}`));
    return this.processor.apply(batch, tx);
  }

  drain(shard: number, tx: Sql): Promise<Effects> {
    return this.processor.drain!(shard, tx);
  }

  async bury(shard: number, record: LogRecord, tx: Sql): Promise<Effects> {
    return (await this.processor.bury?.(shard, record, tx)) ?? NO_EFFECTS;
  }

  forget(shard: number): void {
    this.processor.forget?.(shard);
  }
}

/** One shard of a real service (its processor, its tables, the shard log) with topics that are lists in memory. */
export class ServiceInMemory {
  readonly letters: DeadLetterEvent[] = [];
  readonly told: OutgoingRecord[] = [];
  private readonly topics = new Map<string, LogRecord[]>();
  private readonly flawed: Flawed;
  private log: ShardLog;
  private relay: OutboxRelay | null = null;

  private constructor(
    readonly pg: PGlite,
    private readonly service: string,
    processor: ShardProcessor,
    private readonly inputs: readonly string[],
  ) {
    this.flawed = new Flawed(processor);
    this.log = this.start();
  }

  static async open(
    service: string,
    processor: ShardProcessor,
    migrations: readonly Migration[],
    topics: readonly string[] = [...(processor.parks ?? [])],
  ): Promise<ServiceInMemory> {
    const all = [...migrations, ...KIT_MIGRATIONS].sort((a, b) => stampOf(a) - stampOf(b));
    return new ServiceInMemory(await memoryPostgres(all), service, processor, topics);
  }

  get poison(): Set<string> {
    return this.flawed.poison;
  }

  /** Empty tables and topics, no defect: quicker than another database. */
  async reset(): Promise<void> {
    const tables = await this.rows<{ name: string }>(
      `select tablename as name from pg_tables where schemaname = 'public'`,
    );
    await this.pg.exec('set session_replication_role = replica'); // the ledger refuses to be emptied
    await this.pg.exec(`truncate ${tables.map(({ name }) => name).join(', ')} restart identity`);
    await this.pg.exec('set session_replication_role = origin');
    this.topics.clear();
    this.poison.clear();
    this.letters.length = 0;
    this.told.length = 0;
    this.restart();
  }

  /** Another instance takes the shard over: it knows what the database knows. */
  restart(): void {
    this.log = this.start();
  }

  /** Appends and reads. */
  async read(
    topic: string,
    ...events: readonly { readonly key: string; readonly value: Buffer; readonly timestampMs?: number }[]
  ): Promise<void> {
    const log = this.topics.get(topic) ?? [];
    this.topics.set(topic, log);
    const first = log.length;
    for (const { key, value, timestampMs = 1_525_370_400_000 } of events)
      log.push({ topic, partition: 0, offset: log.length, timestampMs, key, value });
    let retries = 0;
    const batch: RecordBatch = {
      ...{ topic, partition: 0, records: log.slice(first), fetchedOffset: first },
      ...{ lastOffset: log.length - 1, highWatermark: log.length, heartbeat: async () => undefined },
      isStale: () => retries++ > RETRIES_MAX, // a batch that fails for ever ends the test instead
    };
    const outcome = await this.log.process(batch);
    if (outcome.kind !== 'done') throw new Error(`${this.service} does not go on: ${JSON.stringify(outcome)}`);
    await this.relay?.flush();
  }

  /** What intake writes when somebody has decided. */
  decide({ id, data }: DeadLetterEvent, status: LetterStatus): Promise<void> {
    const value = Buffer.from(JSON.stringify({ type: LETTER_TYPE, data: { id, status } }));
    return this.read(data.topic, { key: LETTER_TYPE, value });
  }

  async rows<T = Record<string, unknown>>(text: string): Promise<T[]> {
    return (await this.pg.query<T>(text)).rows;
  }

  get database(): Database {
    const sqlOn = (on: Pick<PGlite, 'query'>): Sql =>
      ({
        query: async (text: string, params: unknown[] = []) => (await on.query(text, params)).rows,
      }) as unknown as Sql;
    return {
      ...sqlOn(this.pg),
      transaction: (work: (tx: Sql) => Promise<unknown>) => this.pg.transaction((tx) => work(sqlOn(tx as never))),
    } as unknown as Database;
  }

  private start(): ShardLog {
    const { database } = this;
    const clock = { nowMs: () => 0, sleep: async () => undefined };
    const publisher = publisherOver({
      send: async (records: readonly OutgoingRecord[]) => this.take(records),
      close: async () => undefined,
    });
    const ends = async (topic: string) => [{ partition: 0, low: 0, high: this.topics.get(topic)?.length ?? 0 }];
    const reader = { offsetsOf: ends } as unknown as LogReader;
    const relay = new OutboxRelay({ database, publisher, clock, outputTopic: null, onError: () => undefined });
    this.relay = relay;
    return new ShardLog({
      ...{ service: this.service, reader, clock, topics: this.inputs, outputTopic: null },
      ...{ databases: new ShardDatabases(database), relays: new Map([[MAIN, relay]]) },
      ...{ deadLettersTopic: DEAD_LETTERS, processor: this.flawed },
      log: { warn: () => undefined, error: () => undefined },
    });
  }

  private take(records: readonly OutgoingRecord[]): [] {
    for (const record of records)
      if (record.topic === DEAD_LETTERS) this.letters.push(JSON.parse(String(record.value)) as DeadLetterEvent);
      else this.told.push(record);
    return [];
  }
}
