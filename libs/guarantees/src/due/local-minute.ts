import type { DayNumber, Zone } from '#libs/calendar';
import type { InstantMs } from '#libs/kernel';

const DAY_MS = 86_400_000;

/** "2026-01-05 16:30 in Europe/Berlin", with seconds where there are any. */
export function localMinute(zone: Zone, atMs: InstantMs): string {
  const text = new Date(atMs + zone.offsetMsAt(atMs)).toISOString();
  const time = text.slice(17, 23) === '00.000' ? text.slice(11, 16) : text.slice(11, 19);
  return `${text.slice(0, 10)} ${time} in ${zone.name}`;
}

/** A date as YYYY-MM-DD, checked before, as a day. */
export function dayOfDate(date: string): DayNumber {
  return Date.UTC(Number(date.slice(0, 4)), Number(date.slice(5, 7)) - 1, Number(date.slice(8, 10))) / DAY_MS;
}

export function dateOfDay(day: DayNumber): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** What the wall clock shows, in milliseconds since midnight. */
export function msOfDay(zone: Zone, atMs: InstantMs): number {
  return atMs + zone.offsetMsAt(atMs) - zone.localDayOf(atMs) * DAY_MS;
}
