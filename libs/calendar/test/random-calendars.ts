import fc from 'fast-check';
import {
  calendarOf,
  compileTerms,
  mergeIntervals,
  transitionsOf,
  type CalendarTerms,
  type Interval,
  type Window,
  type WorkingCalendar,
} from '../src/index.js';

export const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;
const DAY_MS = DAY_MINUTES * MINUTE_MS;

/** Zones with hour and half-hour changes, changes at midnight, many a year, none, and of both hemispheres. */
const ZONES = [
  'Africa/Cairo',
  'Africa/Casablanca',
  'America/New_York',
  'America/Santiago',
  'America/Sao_Paulo',
  'America/St_Johns',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Europe/Berlin',
  'Pacific/Apia',
];

const minuteOfDay = fc.oneof(fc.integer({ min: 0, max: DAY_MINUTES }), fc.constantFrom(0, 60, 120, 150, 180, 1_440));
const window = fc
  .tuple(minuteOfDay, minuteOfDay)
  .filter(([a, b]) => a !== b)
  .map(([a, b]): Window => [Math.min(a, b) * MINUTE_MS, Math.max(a, b) * MINUTE_MS]);
/** Wednesday is never closed, so that every calendar opens again. */
const week = fc
  .tuple(fc.array(fc.array(window, { maxLength: 3 }), { minLength: 7, maxLength: 7 }), window)
  .map(([days, always]) => days.map((windows, day) => (day === 2 ? [...windows, always] : windows)));

export interface Situation {
  readonly terms: CalendarTerms;
  readonly calendar: WorkingCalendar;
  /** A whole minute, mostly within days of a change of clocks. */
  readonly atMs: number;
  readonly pauses: readonly Interval[];
}

/** A random calendar, a moment near a change of its clocks, and pauses, holidays and changes of hours around it. */
export const situations: fc.Arbitrary<Situation> = fc
  .record({
    zone: fc.constantFrom(...ZONES),
    nth: fc.nat(),
    hoursFrom: fc.integer({ min: -100, max: 100 }),
    minute: fc.integer({ min: 0, max: 59 }),
    week,
    change: fc.option(fc.record({ week, minutes: fc.integer({ min: -3_000, max: 6_000 }), byDate: fc.boolean() })),
    holidays: fc.array(fc.integer({ min: -3, max: 9 }), { maxLength: 3 }),
    pauses: fc.array(fc.tuple(fc.integer({ min: -600, max: 9_000 }), fc.integer({ min: 0, max: 2_000 })), {
      maxLength: 4,
    }),
  })
  .map(({ zone, nth, hoursFrom, minute, week, change, holidays, pauses }) => {
    const changes = transitionsOf(zone).filter(
      ([fromMs]) => fromMs > Date.UTC(1975, 0, 1) && fromMs < Date.UTC(2095, 0, 1),
    );
    const [nearMs] = changes[nth % Math.max(changes.length, 1)] ?? [Date.UTC(1990 + (nth % 60), nth % 12, 1)];
    const atMs = Math.floor(nearMs / MINUTE_MS) * MINUTE_MS + (hoursFrom * 60 + minute) * MINUTE_MS;
    const today = Math.floor(atMs / DAY_MS);
    const terms: CalendarTerms = {
      name: 'random',
      timeZone: zone,
      week,
      holidays: holidays.map((days) => today + days),
      changes: change === null ? [] : [changeAt(atMs + change.minutes * MINUTE_MS, change.byDate, change.week)],
    };
    const { calendar, problem } = compileTerms(terms, 'test');
    if (calendar === undefined) throw new Error(problem.detail);
    const intervals = pauses.map(([after, minutes]) => ({
      fromMs: atMs + after * MINUTE_MS,
      untilMs: atMs + (after + minutes) * MINUTE_MS,
    }));
    const situation = { terms, atMs, pauses: mergeIntervals(intervals) };
    return {
      ...situation,
      calendar: calendarOf(calendar),
      [fc.toStringMethod]: () => JSON.stringify(situation),
    };
  });

function changeAt(atMs: number, byDate: boolean, week: CalendarTerms['week']): CalendarTerms['changes'][number] {
  return byDate ? { fromDay: Math.floor(atMs / DAY_MS), week } : { fromMs: atMs, week };
}

/**
 * The naive oracle: is this minute open? It asks Intl for the wall clock and looks at the terms as they are written.
 * Intl is slow: where the clock goes on evenly for a quarter of an hour, it is asked once for it.
 */
export function oracleOf(terms: CalendarTerms): (minuteMs: number) => boolean {
  const shiftAt = wallClockOf(terms.timeZone);
  return (minuteMs) => {
    const wall = new Date(minuteMs + shiftAt(minuteMs));
    const today = Math.floor(wall.getTime() / DAY_MS);
    if (terms.holidays.includes(today)) return false;
    const [change] = terms.changes;
    const isChanged = change !== undefined && ((change.fromMs ?? Infinity) <= minuteMs || (change.fromDay ?? Infinity) <= today); // prettier-ignore
    const windows = (isChanged ? change.week : terms.week)[(wall.getUTCDay() + 6) % 7] as readonly Window[];
    const msOfDay = wall.getTime() - today * DAY_MS;
    return windows.some(([from, until]) => msOfDay >= from && msOfDay < until);
  };
}

const wallClocks = new Map<string, (atMs: number) => number>();

/** How far a zone's wall clock, as Intl shows it, is ahead of UTC; what was asked is remembered for the next run. */
function wallClockOf(timeZone: string): (atMs: number) => number {
  const known = wallClocks.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'medium',
  });
  const aheadMs = (atMs: number): number => {
    const parts = /^(\d+)\/(\d+)\/(\d+), (\d+):(\d+):(\d+)$/.exec(format.format(atMs))?.slice(1).map(Number);
    const [day, month, year, hour, minute, second] = parts as [number, number, number, number, number, number];
    return Date.UTC(year, month - 1, day, hour, minute, second) - atMs;
  };
  const evenQuarters = new Map<number, number | null>();
  const shiftAt = (atMs: number): number => {
    const quarterMs = atMs - (atMs % (15 * MINUTE_MS));
    let shift = evenQuarters.get(quarterMs);
    if (shift === undefined) {
      const first = aheadMs(quarterMs);
      shift = first === aheadMs(quarterMs + 14 * MINUTE_MS) ? first : null;
      evenQuarters.set(quarterMs, shift);
    }
    return shift ?? aheadMs(atMs);
  };
  wallClocks.set(timeZone, shiftAt);
  return shiftAt;
}
