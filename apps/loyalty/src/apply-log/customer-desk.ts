import { encodeCloudEvent, TOPICS, type LoyaltyEvent } from '#libs/contracts';
import { nameIdOf } from '#libs/kernel';
import type { LogRecord } from '#libs/messaging';
import type { Sql } from '#libs/persistence';
import type { Outgoing, Rejected } from '#libs/shard-log';
import type { ModelSettings } from '#libs/signals';
import type { News } from '../customer-document/news.js';
import { askForHistory, forward, moveHistory } from '../merge-customers/moving.js';
import { saveToldBefore } from '../told-before/adopt-told.js';
import { placeOf, withCausePosition } from '../told-before/cause-position.js';
import { DUE_FOR_LOOK } from '../sql/load-customers.js';
import { ERASE_CUSTOMER } from '../sql/save-customers.js';
import { erasedKeyOf, loadCustomers, loadErasures, saveCustomers } from './customer-rows.js';
import { CustomerWork, type WorkedCustomer } from './customer-work.js';
import type { Reading } from './read-news.js';

/** Customers looked at in one transaction. */
export const LOOKS_MAX = 500;

type MergeReading = Extract<Reading, { kind: 'merged' | 'asked' }>;

/** The customers of one transaction: fetched in sets, worked on one record after the other, written back in sets. */
export class CustomerDesk {
  private readonly works = new Map<string, CustomerWork>();
  readonly outgoing: Outgoing[] = [];
  readonly rejected: Rejected[] = [];

  constructor(
    private readonly shard: number,
    private readonly shardCount: number,
    private readonly settings: ModelSettings,
    private readonly tx: Sql,
  ) {}

  async fetch(customers: Iterable<string>): Promise<void> {
    const wanted = [...new Set(customers)].filter((customer) => !this.works.has(customer));
    if (wanted.length === 0) return;
    const loaded = await loadCustomers(wanted, this.tx);
    for (const customer of wanted) {
      const { stored = null, toldBefore = null } = loaded.get(customer) ?? {};
      this.works.set(customer, new CustomerWork(customer, stored, this.settings, toldBefore));
    }
    const unknown = wanted.filter((customer) => !loaded.get(customer)?.stored);
    if (unknown.length === 0) return;
    for (const [customer, atMs] of await loadErasures(unknown, this.tx)) this.workOf(customer).forget(atMs);
  }

  take(news: News, record: LogRecord): void {
    const work = this.workOf(news.customer);
    const into = work.known.mergedInto?.customer;
    if (into !== undefined && !news.via?.includes(into)) {
      const time = new Date(news.part.asOfMs).toISOString();
      this.send(forward(news, news.customer, into, time, this.shardCount), record);
      return;
    }
    this.tell(news.customer, work.take(news, placeOf(record)), record);
  }

  /** `customer.merged` where the one who stays lives; then what the other's shard is asked. */
  merge(reading: MergeReading, record: LogRecord): void {
    const { kind, customer, from, event } = reading;
    const work = this.workOf(customer);
    if (kind === 'merged') {
      if (work.known.mergedInto?.customer === from) {
        const detail = `${event.type}: ${customer} was merged into ${from} before: a circle`;
        this.rejected.push({ record, reason: 'SIGNAL_INVALID', detail });
        return;
      }
      this.send(askForHistory(from, customer, event, this.shardCount), record);
      return;
    }
    if (work.known.mergedInto?.customer === from) return;
    const history = work.close(from, Date.parse(event.time));
    for (const part of moveHistory(customer, from, history, event, this.shardCount)) this.send(part, record);
  }

  /** Erases a customer but for figures under a reference that leads nowhere. */
  async erase(customer: string, eventId: string, atMs: number): Promise<void> {
    const work = this.workOf(customer);
    const { known } = work;
    const reference = nameIdOf('erasure', eventId);
    await this.tx.query(ERASE_CUSTOMER, [
      customer,
      erasedKeyOf(customer),
      reference,
      atMs,
      JSON.stringify(work.figures()),
    ]);
    await saveToldBefore(new Map([[customer, work.silence.ofErased]]), this.shard, this.tx);
    const { mergedInto } = known;
    this.works.set(customer, new CustomerWork(customer, null, this.settings, work.silence.ofErased));
    this.workOf(customer).forget(atMs);
    // What is still heard of the one who was merged goes where the rest went.
    if (mergedInto) this.workOf(customer).close(mergedInto.customer, mergedInto.atMs);
  }

  /** Looks at those whom passing time may have moved. @returns whether more wait. */
  async look(tickId: string, atMs: number, record: LogRecord): Promise<boolean> {
    const due = await this.tx.query<{ customer: string }>(DUE_FOR_LOOK, [this.shard, atMs, LOOKS_MAX]);
    await this.fetch(due.map(({ customer }) => customer));
    for (const [customer, work] of this.works) this.tell(customer, work.look(atMs, tickId, record.offset), record);
    return due.length === LOOKS_MAX;
  }

  async save(): Promise<void> {
    const worked = [...this.works].flatMap(([customer, work]): [string, WorkedCustomer][] => {
      const result = work.result();
      return result ? [[customer, result]] : [];
    });
    await saveCustomers(worked, this.shard, this.settings.rules, this.tx);
    const told = [...this.works].flatMap(([customer, { silence }]) =>
      silence.changed === undefined ? [] : ([[customer, silence.changed]] as const),
    );
    await saveToldBefore(new Map(told), this.shard, this.tx);
  }

  private workOf(customer: string): CustomerWork {
    const work = this.works.get(customer);
    if (!work) throw new Error(`customer ${customer} was not fetched`);
    return work;
  }

  private tell(customer: string, events: readonly LoyaltyEvent[], record: LogRecord): void {
    for (const event of events) {
      const value = encodeCloudEvent(withCausePosition(event, record));
      this.send({ topic: TOPICS.loyalty, partition: this.shard, key: customer, value }, record);
    }
  }

  private send(outgoing: Outgoing, { timestampMs }: LogRecord): void {
    this.outgoing.push({ ...outgoing, timestampMs });
  }
}
