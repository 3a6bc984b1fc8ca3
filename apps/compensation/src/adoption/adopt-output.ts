import type { CloudEvent, LineEventData } from '#libs/contracts';
import type { LogRecord } from '#libs/messaging';
import type { Sql } from '#libs/persistence';
import { loadBooks } from '../books/load-books.js';
import { saveBooks } from '../books/save-books.js';
import type { Settlement } from '../entitlement/apply-settlement.js';
import type { OwnEvent } from '../entitlement/line-events.js';
import { adoptAnswers } from '../circumstances/adopt-answers.js';
import { Breakers, type CountedCase } from '../holding/breaker.js';
import { HoldingDesk } from '../holding/holding-desk.js';
import type { DecisionMeans } from '../promise-log/open-room.js';
import { FIND_LINES } from '../settlements/sql.js';
import { adoptEvent } from './adopt-event.js';

const ADOPT_SETTLEMENTS = `
insert into settlement (line_id, reference, status, amount_minor, paid_at_ms, reason, event_id)
select * from unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::text[])
on conflict do nothing`;

/**
 * A database older than the topics learns from what this service has said: lines, numbers, cancellations, payments
 * and their bookings, what of budgets is spent, which breaches were counted. What it knows already changes nothing.
 * @throws ProblemError GUARANTEE_NOT_YET_KNOWN (retryable)
 */
export async function adoptOutput(
  records: readonly LogRecord[],
  { terms, shardCount }: Pick<DecisionMeans, 'terms' | 'shardCount'>,
  tx: Sql,
): Promise<void> {
  const all = records.map((record) => JSON.parse(record.value.toString('utf8')) as CloudEvent);
  await adoptAnswers(all, tx);
  const events = all.filter(({ data }) => data['lineId'] !== undefined) as unknown as OwnEvent[];
  const promiseOf = await promisesOf(events, tx);
  const books = await loadBooks({ promiseIds: [...new Set(promiseOf.values())], subjects: [], apologyDays: [] }, tx);
  const desk = await HoldingDesk.forTaking(tx);
  const breaches: CountedCase[] = [];
  const settlements: (Settlement & { readonly eventId: string })[] = [];
  for (const event of events) {
    const promiseId = promiseOf.get(event.data.lineId);
    if (promiseId === undefined) continue;
    const known = books.find(promiseId);
    const adopted = adoptEvent(event, known);
    if (!adopted) continue;
    const { promise, counted } = adopted.entitlement;
    const guarantee = await terms.find(promise.guarantee, promise.guaranteeVersion, tx);
    desk.take(guarantee, adopted.decision);
    const { breaker } = guarantee.holding;
    if (breaker !== null && counted !== null && !known?.counted)
      breaches.push({ ...counted, guarantee: guarantee.name, breaker, isNewBreach: true });
    books.take(adopted.entitlement, adopted.decision);
    if (adopted.settlement) settlements.push({ ...adopted.settlement, eventId: event.id });
  }
  await saveBooks(books, shardCount, tx);
  await desk.save(tx);
  await Breakers.count(breaches, tx);
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
