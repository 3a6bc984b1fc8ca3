import { contentHashOf, MAX_INSTANT_MS, MIN_INSTANT_MS, type InstantMs, type Problem } from '#libs/kernel';
import { transitionsOf } from './compile-zone.js';
import type { CompiledCalendar, CompiledWeek, Window } from './compiled-calendar.js';
import { dateTextOf, weekdayOf } from './day-number.js';
import type { DayNumber } from './working-calendar.js';
import { SpanZone } from './zone-of.js';

/** A calendar without an opening for so long is a mistake: a deadline would wait for years. */
export const CLOSED_DAYS_MAX = 400;

/** Windows by weekday, Monday first. */
export type WeekWindows = readonly (readonly Window[])[];

/** Another week, in force from an instant or from a local date on (one of the two). */
export interface WeekChange {
  readonly fromMs?: InstantMs;
  readonly fromDay?: DayNumber;
  readonly week: WeekWindows;
}

/** What a calendar says, read and checked. */
export interface CalendarTerms {
  readonly name: string;
  /** A name that `isTimeZone` knows. */
  readonly timeZone: string;
  readonly week: WeekWindows;
  readonly changes: readonly WeekChange[];
  /** In any order, with repetitions if need be. */
  readonly holidays: readonly DayNumber[];
}

export type CompiledTerms =
  | { readonly calendar: CompiledCalendar; readonly problem?: undefined }
  | { readonly calendar?: undefined; readonly problem: Problem };

/**
 * The calendar as engines compute from it.
 * @param tzVersion the host's version of the tz data (`process.versions.tz`), kept for the record
 * @returns a problem `CALENDAR_NEVER_OPEN`, without place, when it stays closed for more than `CLOSED_DAYS_MAX` days
 */
export function compileTerms(terms: CalendarTerms, tzVersion: string): CompiledTerms {
  const { name, timeZone } = terms;
  const transitions = transitionsOf(timeZone);
  const zone = new SpanZone(timeZone, '', transitions);
  const startOf = ({ fromMs, fromDay }: WeekChange): InstantMs => fromMs ?? zone.startOfDayMs(fromDay ?? 0);
  const changes = [...terms.changes].sort((a, b) => startOf(a) - startOf(b));
  const weeks: CompiledWeek[] = [
    { days: terms.week.map(mergeWindows) },
    ...changes.map(({ week, ...from }) => ({ ...from, days: week.map(mergeWindows) })),
  ];
  const holidays = [...new Set(terms.holidays)].sort((a, b) => a - b);
  const content = { name, zone: timeZone, transitions, weeks, holidays };
  const calendar = { ...content, hash: contentHashOf(JSON.stringify(content)), tzVersion };
  const problem = closedTooLong(zone, calendar);
  return problem === null ? { calendar } : { problem };
}

/** Windows of a day in order; those that overlap or touch become one. */
function mergeWindows(windows: readonly Window[]): Window[] {
  const merged: Window[] = [];
  for (const [from, until] of [...windows].sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last === undefined || from > last[1]) merged.push([from, until]);
    else merged[merged.length - 1] = [last[0], Math.max(last[1], until)];
  }
  return merged;
}

/** Goes through the days as planned, whatever the clocks do on them. */
function closedTooLong(zone: SpanZone, { name, weeks, holidays }: CompiledCalendar): Problem | null {
  const starts = weeks.map(({ fromMs, fromDay }) => (fromMs === undefined ? fromDay : zone.localDayOf(fromMs)));
  const closed = new Set(holidays);
  const [firstDay, lastDay] = [zone.localDayOf(MIN_INSTANT_MS), zone.localDayOf(MAX_INSTANT_MS)];
  let [week, openDay] = [0, firstDay];
  for (let day = firstDay; day <= lastDay; day++) {
    while (week + 1 < weeks.length && (starts[week + 1] as DayNumber) <= day) week++;
    const isOpen = weeks[week]?.days[weekdayOf(day)]?.length !== 0 && !closed.has(day);
    if (isOpen) openDay = day;
    else if (day - openDay > CLOSED_DAYS_MAX) {
      const detail = `${name} has no opening in the ${CLOSED_DAYS_MAX} days after ${dateTextOf(openDay)}: a deadline would wait for one`;
      const advice = `Give it open hours; at most ${CLOSED_DAYS_MAX} days on end may be closed between 1970 and 2100.`;
      return { code: 'CALENDAR_NEVER_OPEN', detail, advice };
    }
  }
  return null;
}
