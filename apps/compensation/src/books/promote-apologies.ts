import type { InstantMs } from '#libs/kernel';
import { successorOf, tellMerged } from '../entitlement/apology-days.js';
import type { Line } from '../entitlement/line.js';
import type { Books } from './books.js';

/** Where the apology of a day was just taken back, told or not, the oldest merged one of that day is told in its place. */
export function promoteApologies(books: Books, before: readonly Line[], after: readonly Line[], atMs: InstantMs): void {
  const stateBefore = new Map(before.map(({ lineId, state }) => [lineId, state]));
  for (const { lineId, state, apologyDay } of after) {
    if (apologyDay === null || state !== 'cancelled' || stateBefore.get(lineId) === 'cancelled') continue;
    const ofDay = books.apologiesOf(apologyDay);
    const successor = successorOf(ofDay.map(({ line }) => line));
    const promiseId = ofDay.find(({ line }) => line.lineId === successor?.lineId)?.promiseId;
    const entitlement = promiseId === undefined ? null : books.find(promiseId);
    if (successor && entitlement) books.take(entitlement, tellMerged(entitlement, successor.lineId, atMs));
  }
}
