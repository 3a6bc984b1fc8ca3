import { parseDurationMs, type InstantMs } from '#libs/kernel';
import type { CivilPeriod, DayNumber, WorkingCalendar, Zone } from './working-calendar.js';

/** A period of civil time: calendar units, then business days, then elapsed time. */
export interface CivilSpan extends CivilPeriod {
  readonly years: number;
  readonly months: number;
  readonly days: number;
  readonly businessDays: number;
  readonly elapsedMs: number;
}

/** Where on the day that a civil period leads to the due lies; a number is a wall time in milliseconds of the day. */
export type DueOnDay = 'same-time' | 'close' | 'end-of-day' | number;

const CIVIL = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:(\d+)BD)?(T.+)?$/;

/**
 * Reads `P1D`, `P1Y2M`, `P2W`, `P5BD` (business days), `P1DT2H`: ISO 8601 with business days on top.
 * @returns null for another text
 */
export function parseCivilSpan(text: string): CivilSpan | null {
  const match = CIVIL.exec(text.trim());
  if (match === null || text.trim() === 'P') return null;
  const [years, months, weeks, days, businessDays] = [1, 2, 3, 4, 5].map((i) => Number(match[i] ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const elapsedMs = match[6] === undefined ? 0 : parseDurationMs(`P${match[6]}`);
  return elapsedMs === null ? null : { years, months, days: weeks * 7 + days, businessDays, elapsedMs };
}

/**
 * The due of a promise in civil time. The day of `fromMs` does not count. Where it is due at close and that day stays
 * closed, at the close of the next business day.
 * @param calendar whose business days and close count; null: Monday to Friday, and a day closes when it ends
 * @returns null beyond the year 2100
 */
export function civilDueMs(
  zone: Zone,
  calendar: WorkingCalendar | null,
  fromMs: InstantMs,
  span: CivilSpan,
  on: DueOnDay,
): InstantMs | null {
  const calendarDays = zone.addCivil(fromMs, span);
  const from = zone.localDayOf(calendarDays);
  const day = span.businessDays === 0 ? from : addBusinessDays(calendar, from, span.businessDays);
  if (day === null) return null;
  const dueMs = onDay(zone, calendar, day, on, calendarDays);
  return dueMs === null ? null : dueMs + span.elapsedMs;
}

function onDay(
  zone: Zone,
  calendar: WorkingCalendar | null,
  day: DayNumber,
  on: DueOnDay,
  calendarDays: InstantMs,
): InstantMs | null {
  if (on === 'close') {
    const open = calendar?.addOpenDays(day, 0) ?? null;
    return calendar === null ? zone.endOfDayMs(day) : open === null ? null : calendar.closeOfMs(open);
  }
  if (on === 'end-of-day') return zone.endOfDayMs(day);
  if (on === 'same-time') {
    return zone.addCivil(calendarDays, { days: day - zone.localDayOf(calendarDays) });
  }
  return zone.instantOf(day, on);
}

function addBusinessDays(calendar: WorkingCalendar | null, day: DayNumber, n: number): DayNumber | null {
  if (calendar !== null) return calendar.addOpenDays(day, n);
  // Five a week; from a weekend as from the Friday before.
  const sinceMonday = (((day + 3) % 7) + 7) % 7;
  const monday = day - sinceMonday;
  const index = Math.min(sinceMonday, 4) + n;
  return monday + Math.floor(index / 5) * 7 + (index % 5);
}
