import type { KafkaMessage } from 'kafkajs';
import { createHash } from 'node:crypto';
import { eventOf, type Announcement } from './announcement.js';
import type { RefunderConfig } from './config.js';
import { textOf, type Desk } from './desk.js';
import type { Query } from './store.js';

export const REFUNDER_TABLES = `
create table line (
  line_id      uuid primary key,
  shard        integer not null,
  subject      text not null,
  customer     text not null,
  amount_minor bigint not null
);
create table ledger_entry (
  id           bigint generated always as identity primary key,
  line_id      uuid not null,
  account      text not null,
  amount_minor bigint not null
);`;

/** A line a breach, and its two entries; answers the lines that were not there before. */
const BOOK = `
with fresh as (
  insert into line (line_id, shard, subject, customer, amount_minor)
  select line_id, $1, subject, customer, amount_minor
  from unnest($2::uuid[], $3::text[], $4::text[], $5::bigint[]) as t (line_id, subject, customer, amount_minor)
  on conflict do nothing returning line_id, customer, amount_minor
), booked as (
  insert into ledger_entry (line_id, account, amount_minor)
  select line_id, 'expense', amount_minor from fresh
  union all select line_id, 'payable:' || customer, -amount_minor from fresh
)
select line_id as "lineId" from fresh`;

interface Breach {
  readonly type: string;
  readonly subject: string;
  readonly customer: string;
  readonly postageMinor: number;
}

/** Refunds the postage of each breach. */
export class Refunder implements Desk {
  constructor(private readonly config: RefunderConfig) {}

  async work(shard: number, messages: readonly KafkaMessage[], query: Query): Promise<Announcement[]> {
    const breaches = new Map<string, Breach>();
    for (const message of messages) {
      const breach = JSON.parse(textOf(message)) as Breach;
      if (breach.type === 'makegood.promise.breached') breaches.set(lineIdOf(breach.subject), breach);
    }
    if (breaches.size === 0) return [];
    const rows = [...breaches.values()];
    const fresh = await query<{ lineId: string }>(BOOK, [
      shard,
      [...breaches.keys()],
      rows.map(({ subject }) => subject),
      rows.map(({ customer }) => customer),
      rows.map(({ postageMinor }) => postageMinor),
    ]);
    return fresh.map(({ lineId }) => this.requestOf(lineId, breaches.get(lineId) as Breach));
  }

  private requestOf(lineId: string, { subject, customer, postageMinor }: Breach): Announcement {
    const data = { customer, idempotencyKey: lineId, amount: { amountMinor: postageMinor, currency: 'CNY' } };
    return eventOf('makegood.refund.requested', subject, customer, { data }, this.config.bytes);
  }
}

function lineIdOf(subject: string): string {
  return createHash('md5')
    .update(`${subject}/postage`)
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
