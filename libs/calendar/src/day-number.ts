import type { DayNumber } from './working-calendar.js';

const DAY_MS = 86_400_000;

/** A date of the proleptic Gregorian calendar; `month` and `dayOfMonth` count from 1. */
export interface CivilDate {
  readonly year: number;
  readonly month: number;
  readonly dayOfMonth: number;
}

export function dateOfDay(day: DayNumber): CivilDate {
  const date = new Date(day * DAY_MS);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, dayOfMonth: date.getUTCDate() };
}

export function dayOfDate(year: number, month: number, dayOfMonth: number): DayNumber {
  return Date.UTC(year, month - 1, dayOfMonth) / DAY_MS;
}

export function daysOfMonth(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** Monday 0 to Sunday 6: the order of a compiled week. */
export function weekdayOf(day: DayNumber): number {
  return (((day + 3) % 7) + 7) % 7;
}

/** A local date, `YYYY-MM-DD`, as a day number. The text has passed `isLocalDate`. */
export function dayNumberOf(date: string): DayNumber {
  return dayOfDate(Number(date.slice(0, 4)), Number(date.slice(5, 7)), Number(date.slice(8, 10)));
}

/** `YYYY-MM-DD` */
export function dateTextOf(day: DayNumber): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
