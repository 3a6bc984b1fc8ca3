import { parseInstant } from '#libs/kernel';
import type { CloudEvent } from '#libs/contracts';
import type { LogRecord } from '#libs/messaging';
import type { Sql } from '#libs/persistence';

export const CUSTOMER_UPDATED = 'customer.updated';

/** What guarantees may read of a customer, as last told. */
export interface CustomerRecord {
  readonly customer: string;
  /** `time` of the newest customer.updated. */
  readonly toldAtMs: number;
  readonly segment: string | null;
  readonly contract: string | null;
  readonly locale: string | null;
  readonly timeZone: string | null;
}

const LOAD = `
select customer, told_at_ms as "toldAtMs", segment, contract, locale, time_zone as "timeZone"
from customer where customer = any($1::text[])`;
const SAVE = `
insert into customer (customer, told_at_ms, segment, contract, locale, time_zone)
select * from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[])
on conflict (customer) do update set told_at_ms = excluded.told_at_ms, segment = excluded.segment,
  contract = excluded.contract, locale = excluded.locale, time_zone = excluded.time_zone`;

const FIELDS = ['segment', 'contract', 'locale', 'timeZone'] as const;
const FIELD_CHARS_MAX = 200;

/** The customer of a customer.updated; null when the event is none or names nobody. */
export function customerOf(event: CloudEvent): string | null {
  const customer = event.type === CUSTOMER_UPDATED ? event.data['customer'] : null;
  return typeof customer === 'string' && customer.length > 0 ? customer : null;
}

/** What is known after one more customer.updated: fields that it leaves out stay, null takes one back; older news is none. */
export function learned(before: CustomerRecord | null, customer: string, event: CloudEvent): CustomerRecord {
  const toldAtMs = parseInstant(event.time) ?? 0;
  if (before !== null && before.toldAtMs > toldAtMs) return before;
  const known = before ?? { customer, toldAtMs, segment: null, contract: null, locale: null, timeZone: null };
  const told: Record<string, string | null> = {};
  for (const field of FIELDS) {
    const value = event.data[field];
    if (value === null || (typeof value === 'string' && value.length <= FIELD_CHARS_MAX)) told[field] = value;
  }
  return { ...known, ...told, toldAtMs };
}

export async function loadCustomers(customers: readonly string[], sql: Sql): Promise<Map<string, CustomerRecord>> {
  const rows = await sql.query<CustomerRecord>(LOAD, [customers]);
  return new Map(rows.map((row) => [row.customer, row]));
}

/** Takes in the customers' news of one partition of `makegood.signals.v1`. */
export async function takeCustomerNews(records: readonly LogRecord[], tx: Sql): Promise<void> {
  const news = records.flatMap((record) => {
    const event = readEvent(record);
    const customer = event === null ? null : customerOf(event);
    return event === null || customer === null ? [] : [{ customer, event }];
  });
  if (news.length === 0) return;
  const known = await loadCustomers([...new Set(news.map(({ customer }) => customer))], tx);
  for (const { customer, event } of news) known.set(customer, learned(known.get(customer) ?? null, customer, event));
  const rows = [...known.values()].sort((a, b) => (a.customer < b.customer ? -1 : 1));
  const column = <K extends keyof CustomerRecord>(key: K): CustomerRecord[K][] => rows.map((row) => row[key]);
  await tx.query(SAVE, [
    column('customer'),
    column('toldAtMs'),
    column('segment'),
    column('contract'),
    column('locale'),
    column('timeZone'),
  ]);
}

function readEvent({ value }: LogRecord): CloudEvent | null {
  const text = value.toString('utf8');
  if (!text.includes(CUSTOMER_UPDATED)) return null; // most signals are other news: no need to read them
  try {
    return JSON.parse(text) as CloudEvent;
  } catch {
    return null;
  }
}
