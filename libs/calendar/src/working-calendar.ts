import type { InstantMs } from '#libs/kernel';

/** A half-open stretch of time `[fromMs, untilMs)`. */
export interface Interval {
  readonly fromMs: InstantMs;
  readonly untilMs: InstantMs;
}

/** A zone's rules as compiled: the same everywhere, whatever the host's tz database says. Days count from 1970-01-01. */
export interface Zone {
  readonly name: string;
  readonly hash: string;
  offsetMsAt(atMs: InstantMs): number;
  localDayOf(atMs: InstantMs): number;
  startOfDayMs(day: number): InstantMs;
  /** Last millisecond of the local day. */
  endOfDayMs(day: number): InstantMs;
  /** A wall-clock reading; in a gap moved forward by its length, in an overlap the earlier one. */
  instantOf(day: number, msOfDay: number): InstantMs;
  /** So many years, months and days on, at the same wall time; a day that the month lacks is its last. */
  addCivil(
    fromMs: InstantMs,
    period: { readonly years?: number; readonly months?: number; readonly days?: number },
  ): InstantMs;
}

export interface Segment extends Interval {
  readonly kind: 'open' | 'closed' | 'paused';
}

/** Business hours as compiled. Pauses are given merged and sorted. */
export interface WorkingCalendar {
  readonly name: string;
  readonly hash: string;
  readonly zone: Zone;
  isOpenAt(atMs: InstantMs): boolean;
  /**
   * Earliest instant from `fromMs` on at which exactly `openMs` of open time outside the pauses have been used: a limit
   * used up at close gives that close. null: beyond 2100, or a pause that never ends.
   */
  addOpenMs(fromMs: InstantMs, openMs: number, pauses?: readonly Interval[]): InstantMs | null;
  /** Latest instant before `untilMs` from which `openMs` of open time outside the pauses are left until then. */
  subtractOpenMs(untilMs: InstantMs, openMs: number, pauses?: readonly Interval[]): InstantMs | null;
  openMsBetween(fromMs: InstantMs, untilMs: InstantMs, pauses?: readonly Interval[]): number;
  /** For explanations; at most some hundred segments. */
  segments(fromMs: InstantMs, untilMs: InstantMs, pauses?: readonly Interval[]): Segment[];
  isOpenDay(day: number): boolean;
  /** The n-th open day after (n < 0: before) `day`, which itself does not count; null: none within range. */
  addOpenDays(day: number, n: number): number | null;
  openingsOf(day: number): readonly Interval[];
  /** End of the last opening of a day; null on a closed day. */
  closeOfMs(day: number): InstantMs | null;
}

/** Overlapping and touching intervals become one, in order. */
export function mergeIntervals(intervals: readonly Interval[]): Interval[] {
  const merged: Interval[] = [];
  for (const next of [...intervals].sort((a, b) => a.fromMs - b.fromMs)) {
    const last = merged.at(-1);
    if (last === undefined || next.fromMs > last.untilMs) merged.push(next);
    else if (next.untilMs > last.untilMs) merged[merged.length - 1] = { fromMs: last.fromMs, untilMs: next.untilMs };
  }
  return merged;
}
