import type { PGlite } from '@electric-sql/pglite';
import { TICK_TYPE, TOPICS, type CloudEvent, type LoyaltyEvent } from '#libs/contracts';
import { formatInstant } from '#libs/kernel';
import type { LogRecord } from '#libs/messaging';
import type { Sql } from '#libs/persistence';
import type { ServiceOptions } from '#libs/service';
import type { Signals } from '#libs/signals';
import { SAMPLE_SIGNALS } from '../../apps/loyalty/src/apply-log/events-for-tests.js';
import { LoyaltyProcessor } from '../../apps/loyalty/src/apply-log/loyalty-processor.js';
import { MIGRATIONS } from '../../apps/loyalty/src/migrations/index.js';
import { memoryPostgres } from '../memory/memory-postgres.js';
import { QuickSql } from '../simulation/quick-sql.js';

export const INPUTS = [TOPICS.promises, TOPICS.compensations, TOPICS.signals] as const;
export type InputTopic = (typeof INPUTS)[number];

/** The topics of one shard: what loyalty reads and what it has told. */
export class ShardTopics {
  private readonly inputs = new Map<string, LogRecord[]>(INPUTS.map((topic) => [topic, []]));
  readonly output: LogRecord[] = [];

  append(event: CloudEvent): void {
    const { customer, into } = event.data as { readonly customer?: string; readonly into?: string };
    const topic = topicOf(event.type);
    this.add(this.of(topic), topic, customer ?? into ?? '', JSON.stringify(event));
  }

  tick(id: string, atMs: number): void {
    const base = { specversion: '1.0', source: 'makegood/sla-timer', subject: 'tick' } as const;
    const event: CloudEvent = { ...base, id, type: TICK_TYPE, time: formatInstant(atMs), data: {} };
    this.add(this.of(TOPICS.promises), TOPICS.promises, 'tick', JSON.stringify(event));
  }

  /** What the service sent, as a broker keeps it. */
  take(topic: string, key: string, value: string): void {
    this.add(topic === TOPICS.loyalty ? this.output : this.of(topic), topic, key, value);
  }

  of(topic: string): LogRecord[] {
    return this.inputs.get(topic) as LogRecord[];
  }

  get told(): LoyaltyEvent[] {
    return this.output.map(({ value }) => JSON.parse(value.toString()) as LoyaltyEvent);
  }

  private add(to: LogRecord[], topic: string, key: string, text: string): void {
    to.push({ topic, partition: 0, offset: to.length, timestampMs: 0, key, value: Buffer.from(text) });
  }
}

function topicOf(type: string): InputTopic {
  if (type.startsWith('makegood.promise.')) return TOPICS.promises;
  return /^makegood\.(?!customer\.)/.test(type) ? TOPICS.compensations : TOPICS.signals;
}

/** The service's processor on a PostgreSQL in memory with its own tables; the only shard there is. */
export class LoyaltyWorld {
  private readonly nextOffsets = new Map<string, number>(INPUTS.map((topic) => [topic, 0]));
  private processor: LoyaltyProcessor;

  private readonly sql: QuickSql;

  private constructor(
    private readonly pg: PGlite,
    private readonly signals: Signals,
  ) {
    this.sql = new QuickSql(pg);
    this.processor = newProcessor(signals);
  }

  static async open(signals: Signals = SAMPLE_SIGNALS): Promise<LoyaltyWorld> {
    return new LoyaltyWorld(await memoryPostgres(MIGRATIONS), signals);
  }

  close(): Promise<void> {
    return this.pg.close();
  }

  async clear(): Promise<void> {
    await this.query('truncate customer, customer_watch, erasure, told_before, model_fit, applied_rules');
    for (const topic of INPUTS) this.nextOffsets.set(topic, 0);
    this.processor = newProcessor(this.signals);
  }

  /** Reads so many records of a topic in one transaction. @returns how many there were */
  async read(topics: ShardTopics, topic: InputTopic, count: number, isHeard = true): Promise<number> {
    const from = this.nextOffsets.get(topic) ?? 0;
    const records = topics.of(topic).slice(from, from + count);
    if (records.length === 0) return 0;
    const effects = await this.transaction((tx) => this.processor.apply({ shard: 0, topic, records }, tx));
    expect(effects.rejected).toEqual([]);
    this.nextOffsets.set(topic, from + records.length);
    if (isHeard) for (const { topic: to, key, value } of effects.outgoing) topics.take(to, key as string, value);
    return records.length;
  }

  async readAll(topics: ShardTopics, count: number): Promise<void> {
    for (let left = true; left;) {
      left = false;
      for (const topic of INPUTS) left = (await this.read(topics, topic, count)) > 0 || left;
    }
  }

  /** A new owner's first act; what it remembered of ticks is gone. */
  async claim(topics: ShardTopics, knownOffset: number): Promise<void> {
    this.processor.forget(0);
    const claimed = { shard: 0, nextOffsets: this.nextOffsets };
    await this.transaction((tx) => this.processor.adopt(claimed, topics.output.slice(knownOffset), tx));
  }

  /** Without closed books, which keep nothing but where their history went. */
  customers(): Promise<Record<string, unknown>[]> {
    return this.query(
      'select customer, score, tier, document from customer where merged_into is null order by customer',
    );
  }

  async silentCustomers(): Promise<string[]> {
    const rows = await this.query<{ customer: string }>('select customer from told_before');
    return rows.map(({ customer }) => customer);
  }

  private async transaction<T>(work: (tx: Sql) => Promise<T>): Promise<T> {
    await this.query('begin');
    const result = await work({ query: (text, params) => this.query(text, params) } as Sql);
    await this.query('commit');
    return result;
  }

  private async query<R>(text: string, params: readonly unknown[] = []): Promise<R[]> {
    return this.sql.query<R>(text, params);
  }
}

function newProcessor(signals: Signals): LoyaltyProcessor {
  return new LoyaltyProcessor(signals, { environment: { MAKEGOOD_SHARDS: 1 } } as ServiceOptions);
}
