import type { InstantMs } from '#libs/kernel';

/** A stretch of time, half-open: `[fromMs, untilMs)`. One that never ends has `untilMs: Infinity`. */
export interface Interval {
  readonly fromMs: InstantMs;
  readonly untilMs: InstantMs;
}

/** A local date as the number of days since 1970-01-01 (negative before). 2026-01-01 is 20454. */
export type DayNumber = number;

/** A civil period: whole years, months and days. */
export interface CivilPeriod {
  readonly years?: number;
  readonly months?: number;
  readonly days?: number;
}

/**
 * The clocks on the wall of one place, as compiled: they never follow the host's time zone data. Valid from 1970 to
 * 2100; what is asked beyond is answered with the first or last offset known.
 */
export interface Zone {
  /** Name in the tz database, e.g. `Europe/Berlin`. */
  readonly name: string;
  /** Names the compiled rules: equal hashes give equal answers. */
  readonly hash: string;
  /** Milliseconds to add to UTC to read the wall clock at an instant. */
  offsetMsAt(atMs: InstantMs): number;
  localDayOf(atMs: InstantMs): DayNumber;
  /** First instant of a local day: 01:00 where the clocks jump at midnight; of a day left out, the next day's first. */
  startOfDayMs(day: DayNumber): InstantMs;
  /** Last millisecond of a local day: the one before the next day's start. */
  endOfDayMs(day: DayNumber): InstantMs;
  /**
   * The instant at which the wall shows `msOfDay` (0 to 86,400,000: 24:00) on a local day. Where clocks jump over it:
   * as much later as they jump (02:30 is 03:30). Where it comes twice: the first.
   */
  instantOf(day: DayNumber, msOfDay: number): InstantMs;
  /**
   * The same wall time a civil period later (or earlier, of negative numbers): years and months first, cut to the
   * month's last day (one month after 31 January is 28 or 29 February), then days.
   */
  addCivil(fromMs: InstantMs, period: CivilPeriod): InstantMs;
}

/** A piece of a stretch of time, for explanations. `paused` is open time that does not count: closed hours stay `closed`. */
export interface Segment extends Interval {
  readonly kind: 'open' | 'closed' | 'paused';
}

/**
 * Opening hours of one compiled calendar. An instant is open when the wall clock at it reads a time within a window of
 * that weekday and the date is no holiday: a spring gap yields fewer real minutes, an autumn overlap more.
 *
 * `pauses` are merged and sorted (`mergeIntervals`); open time within them does not count. All functions are pure and
 * take time logarithmic in the distance.
 */
export interface WorkingCalendar {
  readonly name: string;
  /** Names the compiled calendar: equal hashes give equal answers. */
  readonly hash: string;
  readonly zone: Zone;
  isOpenAt(atMs: InstantMs): boolean;
  /**
   * The earliest instant, at or after `fromMs`, at which exactly `openMs` of open time outside the pauses have been
   * used: a limit used up at close gives that close, not the next opening; 0 gives `fromMs`.
   * @returns null when that lies beyond the year 2100, or a pause never ends
   */
  addOpenMs(fromMs: InstantMs, openMs: number, pauses?: readonly Interval[]): InstantMs | null;
  /**
   * The latest instant, at or before `untilMs`, from which exactly `openMs` of open time are left until then: the
   * moment of a warning so long before a due. 0 gives `untilMs`.
   * @returns null when that lies before 1970, or a pause lasts since ever
   */
  subtractOpenMs(untilMs: InstantMs, openMs: number, pauses?: readonly Interval[]): InstantMs | null;
  /** Open time in `[aMs, bMs)` outside the pauses; 0 when `bMs <= aMs`. */
  openMsBetween(aMs: InstantMs, bMs: InstantMs, pauses?: readonly Interval[]): number;
  /**
   * `[aMs, bMs)` as a gapless list of segments in order, neighbours of different kinds; at most `SEGMENTS_MAX`: where
   * there would be more, the list ends before `bMs`.
   */
  segments(aMs: InstantMs, bMs: InstantMs, pauses?: readonly Interval[]): Segment[];
  /** True for a business day: a local day with any open time. */
  isOpenDay(day: DayNumber): boolean;
  /**
   * The n-th business day after `day` (before it, for negative n), `day` itself not counted; 0 gives the first
   * business day at or after it. @returns null beyond 1970 to 2100
   */
  addOpenDays(day: DayNumber, n: number): DayNumber | null;
  /** The open stretches of a local day, in order. */
  openingsOf(day: DayNumber): readonly Interval[];
  /** The end of a local day's last opening; null when the day is closed. */
  closeOfMs(day: DayNumber): InstantMs | null;
}

/** Longest list of `segments`. */
export const SEGMENTS_MAX = 1_000;
