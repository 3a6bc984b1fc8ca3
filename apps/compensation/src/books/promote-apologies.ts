import type { InstantMs } from '#libs/kernel';
import type { Announcement } from '../entitlement/draft.js';
import { successorOf, tellMerged } from '../entitlement/apology-days.js';
import type { Books } from './books.js';

/** Where the apology of a day was just taken back, the oldest merged one of that day is told in its place. */
export function promoteApologies(books: Books, announcements: readonly Announcement[], atMs: InstantMs): void {
  for (const announcement of announcements) {
    const { apologyDay } = announcement.line;
    if (apologyDay === null || !('action' in announcement) || announcement.action !== 'cancelled') continue;
    const ofDay = books.apologiesOf(apologyDay);
    const successor = successorOf(ofDay.map(({ line }) => line));
    const promiseId = ofDay.find(({ line }) => line.lineId === successor?.lineId)?.promiseId;
    const entitlement = promiseId === undefined ? null : books.find(promiseId);
    if (successor && entitlement) books.take(entitlement, tellMerged(entitlement, successor.lineId, atMs));
  }
}
