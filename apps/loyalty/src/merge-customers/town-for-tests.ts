import { partitionOf, TOPICS, type CloudEvent } from '#libs/contracts';
import type { LogRecord } from '#libs/messaging';
import type { Sql } from '#libs/persistence';
import type { ServiceOptions } from '#libs/service';
import { SAMPLE_SIGNALS, recordOf } from '../apply-log/events-for-tests.js';
import { LoyaltyProcessor } from '../apply-log/loyalty-processor.js';
import { DUE_FOR_LOOK, FIND_ERASED, LOAD_CUSTOMERS } from '../sql/load-customers.js';
import { RULES_OF_SHARD } from '../sql/applied-rules.js';
import { DELETE_TOLD_BEFORE } from '../sql/told-before.js';
import { CUSTOMER_COLUMNS, ERASE_CUSTOMER, SAVE_CUSTOMERS, SAVE_WATCHES } from '../sql/save-customers.js';

type Row = Record<string, unknown>;
const SHARDS = 12;

/** All shards of the service over a database in memory: each record is a transaction, what goes out comes in again. */
export class Town {
  readonly customers = new Map<string, Row>();
  readonly watches = new Map<string, Row>();
  readonly erasures = new Map<string, Row>();
  readonly told: CloudEvent[] = [];
  readonly rejected: string[] = [];
  private readonly onTheirWay: LogRecord[] = [];

  private readonly processor = new LoyaltyProcessor(SAMPLE_SIGNALS, {
    environment: { MAKEGOOD_SHARDS: SHARDS },
  } as ServiceOptions);

  constructor(private readonly recordsPerBatch = 1) {}

  /** Feeds events in this order; of the records on their way between shards, some come in before each batch. */
  async feed(events: readonly CloudEvent[], some: () => number = () => Infinity): Promise<void> {
    for (let i = 0; i < events.length; i += this.recordsPerBatch) {
      await this.deliver(some());
      await this.read(events.slice(i, i + this.recordsPerBatch).map((event) => recordOf(event)));
    }
    while (this.onTheirWay.length > 0) await this.deliver(Infinity);
  }

  document(customer: string): Row {
    return JSON.parse(String(this.customers.get(customer)?.['document'])) as Row;
  }

  private async deliver(count: number): Promise<void> {
    for (const record of this.onTheirWay.splice(0, count)) await this.read([record]);
  }

  /** One transaction a shard. */
  private async read(records: readonly LogRecord[]): Promise<void> {
    const shardOf = ({ key }: LogRecord): number => partitionOf(key as string, SHARDS);
    for (const shard of new Set(records.map(shardOf))) {
      const own = records.filter((record) => shardOf(record) === shard);
      const effects = await this.processor.apply({ shard, topic: 'any', records: own }, this.sql());
      this.rejected.push(...effects.rejected.map(({ detail }) => detail));
      for (const { topic, key, value, timestampMs } of effects.outgoing) {
        const event = JSON.parse(value) as CloudEvent;
        if (topic === TOPICS.loyalty) this.told.push(event);
        else this.onTheirWay.push({ ...recordOf(event), key: key as string, timestampMs: timestampMs ?? 0 });
      }
    }
  }

  private sql(): Sql {
    const query = async (text: string, values: readonly unknown[]): Promise<unknown[]> => {
      if (text === LOAD_CUSTOMERS) return this.load(values[0] as string[]);
      if (text === SAVE_CUSTOMERS) return this.save(values as (unknown[] | string)[]);
      if (text === SAVE_WATCHES) return this.saveWatches(values as unknown[][]);
      if (text === ERASE_CUSTOMER) return this.erase(values);
      if (text === FIND_ERASED) return (values[0] as string[]).flatMap((key) => this.erasures.get(key) ?? []);
      if ([DUE_FOR_LOOK, DELETE_TOLD_BEFORE, RULES_OF_SHARD].includes(text)) return [];
      throw new Error(`the town knows no ${text}`);
    };
    return { query } as unknown as Sql;
  }

  private load(customers: readonly string[]): Row[] {
    return customers.flatMap((customer) => {
      const row = this.customers.get(customer);
      if (!row) return [];
      const watch = this.watches.get(customer);
      return [
        {
          customer,
          announcedScore: row['announced_score'],
          announcedTier: row['announced_tier'],
          announcedEvent: row['announced_event'],
          document: JSON.parse(String(row['document'])),
          snapshots: JSON.parse(String(row['snapshots'])),
          watch: watch ? JSON.parse(String(watch['watch'])) : null,
          lookAtMs: watch?.['lookAtMs'] ?? null,
          told: null,
        },
      ];
    });
  }

  private save(parameters: readonly (readonly unknown[] | string)[]): [] {
    const columns = parameters.map((each) => (typeof each === 'string' ? each.split('\n') : each));
    columns[0]?.forEach((customer, i) =>
      this.customers.set(
        customer as string,
        Object.fromEntries(CUSTOMER_COLUMNS.map((name, c) => [name, columns[c]?.[i]])),
      ),
    );
    return [];
  }

  private saveWatches([customers, , looks, , , watches]: readonly (readonly unknown[])[]): [] {
    customers?.forEach((customer, i) =>
      this.watches.set(customer as string, { lookAtMs: looks?.[i], watch: String(watches).split('\n')[i] }),
    );
    return [];
  }

  private erase([customer, key, reference, atMs, figures]: readonly unknown[]): [] {
    this.customers.delete(customer as string);
    this.watches.delete(customer as string);
    this.erasures.set(key as string, { key, reference, erasedAtMs: atMs, figures });
    return [];
  }
}
