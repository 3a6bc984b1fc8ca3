import type { LineEventData } from '#libs/contracts';
import type { LogRecord } from '#libs/messaging';
import type { Sql } from '#libs/persistence';
import { loadBooks } from '../books/load-books.js';
import { saveBooks } from '../books/save-books.js';
import type { Settlement } from '../entitlement/apply-settlement.js';
import type { OwnEvent } from '../entitlement/line-events.js';
import { FIND_LINES } from '../settlements/sql.js';
import { adoptEvent } from './adopt-event.js';

const ADOPT_SETTLEMENTS = `
insert into settlement (line_id, reference, status, amount_minor, paid_at_ms, reason, event_id)
select * from unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::text[])
on conflict do nothing`;

/**
 * A database older than the topics learns from what this service has said: lines, numbers, cancellations, payments
 * and their bookings. What it knows already changes nothing.
 */
export async function adoptOutput(records: readonly LogRecord[], shardCount: number, tx: Sql): Promise<void> {
  const all = records.map((record) => JSON.parse(record.value.toString('utf8')) as OwnEvent);
  const events = all.filter(({ data }) => data.lineId !== undefined); // answers to claims are about no line
  const promiseOf = await promisesOf(events, tx);
  const books = await loadBooks({ promiseIds: [...new Set(promiseOf.values())], subjects: [], apologyDays: [] }, tx);
  const settlements: (Settlement & { readonly eventId: string })[] = [];
  for (const event of events) {
    const promiseId = promiseOf.get(event.data.lineId);
    if (promiseId === undefined) continue;
    const adopted = adoptEvent(event, books.find(promiseId));
    if (!adopted) continue;
    books.take(adopted.entitlement, adopted.decision);
    if (adopted.settlement) settlements.push({ ...adopted.settlement, eventId: event.id });
  }
  await saveBooks(books, shardCount, tx);
  if (settlements.length === 0) return;
  const column = <K extends keyof (typeof settlements)[number]>(key: K) => settlements.map((row) => row[key]);
  await tx.query(ADOPT_SETTLEMENTS, [
    column('lineId'),
    column('reference'),
    column('status'),
    column('amountMinor'),
    column('paidAtMs'),
    column('reason'),
    column('eventId'),
  ]);
}

/** Line events name their promise; of the notices, those that introduce a line. */
async function promisesOf(events: readonly OwnEvent[], tx: Sql): Promise<Map<string, string>> {
  const promiseOf = new Map<string, string>();
  for (const { data } of events) {
    const { promiseId }: Partial<LineEventData> = ('line' in data ? data.line : undefined) ?? (data as LineEventData);
    if (promiseId !== undefined) promiseOf.set(data.lineId, promiseId);
  }
  const others = [...new Set(events.map(({ data }) => data.lineId))].filter((lineId) => !promiseOf.has(lineId));
  if (others.length > 0) {
    const rows = await tx.query<{ lineId: string; promiseId: string }>(FIND_LINES, [others]);
    for (const { lineId, promiseId } of rows) promiseOf.set(lineId, promiseId);
  }
  return promiseOf;
}
