import { Temporal } from 'temporal-polyfill';
import type { InstantMs } from '#libs/kernel';
import { offsetMsAt } from './zone-offsets.js';

const LOCAL_DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const DAYS_OF_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** A year of days in some fifty zones; emptied when full, since an entry costs 20 µs to make again. */
const DAYS_MAX = 20_000;
const endOfDay = new Map<string, InstantMs>();

/** True for a day of the calendar as `YYYY-MM-DD`: 2023-02-29 is none. */
export function isLocalDate(text: unknown): text is string {
  const match = typeof text === 'string' && text.length === 10 ? LOCAL_DATE.exec(text) : null;
  if (match === null) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const isLeapDay = month === 2 && day === 29 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return isLeapDay || (day >= 1 && day <= (DAYS_OF_MONTH[month - 1] ?? 0));
}

/**
 * First millisecond of a local day: 01:00 where the clocks jump at midnight (America/Sao_Paulo until 2018).
 * @param date `YYYY-MM-DD`, checked by `isLocalDate`. @throws RangeError for another text or an unknown zone.
 */
export function startOfLocalDayMs(zone: string, date: string): InstantMs {
  if (!isLocalDate(date)) throw new RangeError('a local date is YYYY-MM-DD');
  return Temporal.PlainDate.from(date).toZonedDateTime(zone).epochMilliseconds;
}

/**
 * Last millisecond of a local day. A day ends where the next one begins, so no change of the clocks is missed.
 * @param date `YYYY-MM-DD`, checked by `isLocalDate`. @throws RangeError for another text or an unknown zone.
 */
export function endOfLocalDayMs(zone: string, date: string): InstantMs {
  const key = `${date} ${zone}`;
  const known = endOfDay.get(key);
  if (known !== undefined) return known;
  if (!isLocalDate(date)) throw new RangeError('a local date is YYYY-MM-DD');
  const next = Temporal.PlainDate.from(date).add({ days: 1 });
  const endMs = next.toZonedDateTime(zone).epochMilliseconds - 1;
  if (endOfDay.size >= DAYS_MAX) endOfDay.clear();
  endOfDay.set(key, endMs);
  return endMs;
}

/** The date that the zone's calendar shows at an instant, as `YYYY-MM-DD`. @throws RangeError for an unknown zone. */
export function localDateOf(zone: string, atMs: InstantMs): string {
  return new Date(atMs + offsetMsAt(zone, atMs)).toISOString().slice(0, 10);
}
