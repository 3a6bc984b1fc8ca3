import { counter, gauge } from '#libs/observability';
import type { Books } from './books/books.js';

export const linesTold = counter('makegood_compensation_events_total', 'Events decided about lines', [
  'kind',
  'action',
]);
export const sequenceConflicts = counter(
  'makegood_sequence_conflicts_total',
  'Promise events read twice with different content: a defect upstream, look at the dead letters',
);
export const breakerTrips = counter(
  'makegood_breaker_trips_total',
  'Ten minutes of a guarantee and region with far more breaches than usual: a storm, or a broken feed',
);
export const ledgerDrift = gauge(
  'makegood_ledger_drift',
  'Things that differ in the books where nothing may: anything but zero is an alarm',
  ['check'],
);
export const settlementsHeard = counter('makegood_settlements_total', 'Settlements by outcome', ['outcome']);

/** Counts what a transaction is about to tell; a retried batch counts again. */
export function countTold(books: Books): void {
  for (const { announcement } of books.told) {
    const action = 'notice' in announcement ? announcement.notice : announcement.action;
    linesTold.inc({ kind: announcement.line.kind, action });
  }
}
