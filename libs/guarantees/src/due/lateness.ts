import type { Zone } from '#libs/calendar';
import type { InstantMs } from '#libs/kernel';
import type { JudgedTo } from '../guarantee.js';
import { countBusinessDays, type BusinessDays } from './business-days.js';

const DAY_MS = 86_400_000;
const UNIT_MS = { millisecond: 1, second: 1_000, minute: 60_000 } as const;

/** From when on something is late, and how late. */
export interface Lateness {
  readonly judgedTo: JudgedTo;
  /** The last instant that still keeps a promise due at `dueMs`. */
  inTimeUntilMs(dueMs: InstantMs): InstantMs;
  /** Whole units between due and completion; days are days of the calendar, each told as 24 h. */
  latenessMs(dueMs: InstantMs, completedMs: InstantMs): number;
}

/** Every millisecond after due is late. */
export const EXACT: Lateness = {
  judgedTo: 'millisecond',
  inTimeUntilMs: (dueMs) => dueMs,
  latenessMs: (dueMs, completedMs) => completedMs - dueMs,
};

/** @param toleratedMs lateness up to and including this is in time */
export function latenessBy(judgedTo: JudgedTo, toleratedMs: number, zone: Zone, days: BusinessDays): Lateness {
  if (judgedTo === 'millisecond' && toleratedMs === 0) return EXACT;
  if (judgedTo === 'day' || judgedTo === 'business-day') {
    const toleratedDays = Math.floor(toleratedMs / DAY_MS);
    return judgedTo === 'day' ? byDay(toleratedDays, zone) : byBusinessDay(toleratedDays, zone, days);
  }
  const unitMs = UNIT_MS[judgedTo];
  const floor = (ms: number): number => Math.floor(ms / unitMs) * unitMs;
  return {
    judgedTo,
    inTimeUntilMs: (dueMs) => floor(floor(dueMs) + toleratedMs) + unitMs - 1,
    latenessMs: (dueMs, completedMs) => floor(completedMs) - floor(dueMs),
  };
}

function byDay(toleratedDays: number, zone: Zone): Lateness {
  return {
    judgedTo: 'day',
    inTimeUntilMs: (dueMs) => zone.endOfDayMs(zone.localDayOf(dueMs) + toleratedDays),
    latenessMs: (dueMs, completedMs) => (zone.localDayOf(completedMs) - zone.localDayOf(dueMs)) * DAY_MS,
  };
}

function byBusinessDay(toleratedDays: number, zone: Zone, days: BusinessDays): Lateness {
  return {
    judgedTo: 'business-day',
    inTimeUntilMs(dueMs) {
      const dueDay = zone.localDayOf(dueMs);
      const lateFrom = days.add(dueDay, toleratedDays + 1) ?? dueDay + 1;
      return zone.endOfDayMs(lateFrom - 1);
    },
    latenessMs: (dueMs, completedMs) =>
      countBusinessDays(days, zone.localDayOf(dueMs), zone.localDayOf(completedMs)) * DAY_MS,
  };
}
