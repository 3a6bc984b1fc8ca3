import { partitionOf, type CloudEvent } from '#libs/contracts';
import type { LogRecord } from '#libs/messaging';
import type { Sql } from '#libs/persistence';
import { CustomerDesk } from '../apply-log/customer-desk.js';
import { SAMPLE_SIGNALS, recordOf } from '../apply-log/events-for-tests.js';
import { readNews } from '../apply-log/read-news.js';
import { DUE_FOR_LOOK, FIND_ERASED, LOAD_CUSTOMERS } from '../sql/load-customers.js';
import { CUSTOMER_COLUMNS, ERASE_CUSTOMER, SAVE_CUSTOMERS, SAVE_WATCHES } from '../sql/save-customers.js';

type Row = Record<string, unknown>;

/** All shards of the service over a database in memory: each record is a transaction, what goes out comes in again. */
export class Town {
  readonly customers = new Map<string, Row>();
  readonly watches = new Map<string, Row>();
  readonly erasures = new Map<string, Row>();
  readonly told: CloudEvent[] = [];
  readonly rejected: string[] = [];
  private readonly onTheirWay: LogRecord[] = [];

  constructor(private readonly shardCount = 12) {}

  /** Feeds events in this order; `delivered` records on their way between shards come in before each of them. */
  async feed(events: readonly CloudEvent[], delivered: () => number = () => Infinity): Promise<void> {
    for (const event of events) {
      for (let n = delivered(); n > 0 && this.onTheirWay.length > 0; n--)
        await this.read(this.onTheirWay.shift() as LogRecord);
      await this.read(recordOf(event));
    }
    while (this.onTheirWay.length > 0) await this.read(this.onTheirWay.shift() as LogRecord);
  }

  document(customer: string): Row {
    return JSON.parse(String(this.customers.get(customer)?.['document'])) as Row;
  }

  private async read(record: LogRecord): Promise<void> {
    const reading = readNews(record, SAMPLE_SIGNALS);
    if (reading.kind === 'rejected') return void this.rejected.push(reading.detail);
    if (!('customer' in reading)) return;
    const shard = partitionOf(record.key as string, this.shardCount);
    const desk = new CustomerDesk(shard, this.shardCount, SAMPLE_SIGNALS, this.sql());
    await desk.fetch([reading.customer]);
    if (reading.kind === 'news') desk.take(reading, record);
    else if (reading.kind === 'erased')
      await desk.erase(reading.customer, reading.event.id, Date.parse(reading.event.time));
    else desk.merge(reading, record);
    await desk.save();
    this.rejected.push(...desk.rejected.map(({ detail }) => detail));
    for (const { topic, key, value, timestampMs } of desk.outgoing) {
      const event = JSON.parse(value) as CloudEvent;
      if (event.type.startsWith('makegood.loyalty.')) this.told.push(event);
      else
        this.onTheirWay.push({
          ...record,
          topic,
          key: key as string,
          value: Buffer.from(value),
          timestampMs: timestampMs ?? 0,
        });
    }
  }

  private sql(): Sql {
    const query = async (text: string, values: readonly unknown[]): Promise<unknown[]> => {
      if (text === LOAD_CUSTOMERS) return this.load(values[0] as string[]);
      if (text === SAVE_CUSTOMERS) return this.save(values as unknown[][]);
      if (text === SAVE_WATCHES) return this.saveWatches(values as unknown[][]);
      if (text === ERASE_CUSTOMER) return this.erase(values);
      if (text === FIND_ERASED) return (values[0] as string[]).flatMap((key) => this.erasures.get(key) ?? []);
      if (text.includes('exists (select from erasure)')) return [{ some: this.erasures.size > 0 }];
      if (text === DUE_FOR_LOOK) return [];
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
        },
      ];
    });
  }

  private save(columns: readonly (readonly unknown[])[]): [] {
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
      this.watches.set(customer as string, { lookAtMs: looks?.[i], watch: watches?.[i] }),
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
