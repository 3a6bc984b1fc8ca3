import type { CivilPeriod, DayNumber, Interval, WorkingCalendar, Zone } from '#libs/calendar';
import { describeDuration, type InstantMs } from '#libs/kernel';
import type { BusinessDays } from '../../due/business-days.js';
import type { Clock } from '../../due/clock.js';
import type { Aim, DueRule } from '../../due/due-rule.js';
import { dateOfDay, dayOfDate, localMinute, msOfDay } from '../../due/local-minute.js';
import type { FactView } from '../../guarantee.js';
import {
  countKind,
  DURATION,
  INSTANT,
  TARGET,
  TARGET_DATE,
  WALL_TIME,
  wallTimeMs,
} from '../../expressions/result-kind.js';
import type { YAMLMap } from 'yaml';
import type { TermsReader } from '../terms-reader.js';
import { refuseBeforeOpening } from './before-opening.js';

/** What the parts of one due have in common. */
export interface DueSite {
  readonly reader: TermsReader;
  readonly node: YAMLMap;
  readonly zone: Zone;
  readonly calendar: WorkingCalendar | null;
  readonly clock: Clock;
  readonly days: BusinessDays;
}

const NO_PAUSES: readonly Interval[] = [];

export type Aiming = Pick<DueRule, 'start' | 'aim'>;

const fromOpening = (opening: FactView): InstantMs => opening.occurredAtMs;

export const compileNone: Aiming = { start: fromOpening, aim: () => null };

/** An instant that the event carries; a date without a time means its end. */
export function compileAt({ reader, node, zone }: DueSite): Aiming | null {
  const at = reader.expression(node, 'at', TARGET);
  if (at === null) return null;
  refuseBeforeOpening(reader, node, 'at', at);
  return {
    start: fromOpening,
    aim(opening) {
      const target = at.evaluate(opening);
      if (target === null) return null;
      if ('date' in target) return endOfDay(zone, dayOfDate(target.date));
      return { atMs: target.atMs, words: () => `the instant that \`${at.text}\` names` };
    },
  };
}

/** So much time, or open time of a calendar, from the opening or from `from`. */
export function compileWithin(site: DueSite): Aiming | null {
  const { reader, node, clock, calendar } = site;
  const within = reader.durationOrExpression(node, 'within', DURATION);
  const from = compileFrom(site);
  if (within === null || from === null) return null;
  refuseBeforeOpening(reader, node, 'within', within);
  const what = calendar === null ? '' : ` of working time (${calendar.name})`;
  return {
    start: from.start,
    aim(opening, startMs, spentMs) {
      const limitMs = within.evaluate(opening);
      if (limitMs === null) return null;
      const atMs = clock.add(startMs, Math.max(0, limitMs - spentMs), NO_PAUSES) ?? Infinity;
      const spent = (): string => (spentMs === 0 ? '' : ` less ${describeDuration(spentMs)} used before`);
      return { atMs, words: () => `${describeDuration(limitMs)}${what}${spent()} from ${from.words}` };
    },
  };
}

/** Civil time. */
export function compileBy(site: DueSite): Aiming | null {
  const { reader, node, zone } = site;
  const by = reader.map(node, 'by') as YAMLMap;
  const given = ['endOf', 'date', 'days', 'weeks', 'months', 'years', 'businessDays'].filter((field) => by.has(field));
  const [unit, second] = given;
  if (unit === undefined || second !== undefined) {
    const found = given.length === 0 ? 'none is there' : `${given.join(' and ')} are there`;
    const message = `by needs exactly one of endOf, date, days, weeks, months, years, businessDays; ${found}`;
    const advice = 'Write by: { endOf: event.data.promisedDate } or by: { businessDays: 2, at: close }.';
    reader.source.report('GUARANTEE_DUE_AMBIGUOUS', message, advice, reader.offsetOf(by, second));
    return null;
  }
  if (unit === 'endOf') return onDate(site, by, 'endOf', (day) => endOfDay(zone, day));
  const timeOfDay = compileTimeOfDay(site, by, unit === 'date' ? 'time' : 'at');
  if (timeOfDay === null) return null;
  if (unit === 'date') return onDate(site, by, 'date', (day, opening) => timeOfDay(day, null, opening));
  return countedDays(site, by, unit, timeOfDay);
}

function onDate(
  site: DueSite,
  by: YAMLMap,
  field: string,
  place: (day: DayNumber, opening: FactView) => Aim | null,
): Aiming | null {
  const date = site.reader.expression(by, field, TARGET_DATE);
  if (date === null) return null;
  return {
    start: fromOpening,
    aim(opening) {
      const named = date.evaluate(opening);
      return named === null ? null : place(dayOfDate(named), opening);
    },
  };
}

/** Longest term in days, months or years that a promise may have: ten years. */
const COUNT_MAX: Readonly<Record<string, number>> = {
  days: 3_653,
  weeks: 520,
  months: 120,
  years: 10,
  businessDays: 2_600,
};

function countedDays(site: DueSite, by: YAMLMap, unit: string, timeOfDay: TimeOfDay): Aiming | null {
  const { reader, zone, days } = site;
  const count = reader.expression(by, unit, countKind(COUNT_MAX[unit] ?? 0));
  const from = compileFrom(site);
  if (count === null || from === null) return null;
  return {
    start: from.start,
    aim(opening, startMs) {
      const n = count.evaluate(opening);
      if (n === null) return null;
      const first = zone.localDayOf(startMs);
      const then =
        unit === 'businessDays' ? days.add(first, n) : zone.localDayOf(zone.addCivil(startMs, civil(unit, n)));
      const aim = then === null ? null : timeOfDay(then, startMs, opening);
      if (aim === null) return { atMs: Infinity, words: () => 'never' };
      const what = unit === 'businessDays' ? days.words : unit;
      return { atMs: aim.atMs, words: () => `${n} ${what} from ${from.words}: ${aim.words()}` };
    },
  };
}

const civil = (unit: string, n: number): CivilPeriod => (unit === 'weeks' ? { days: 7 * n } : { [unit]: n });

/** Where on a day a deadline lies; `startMs` gives the wall time that is kept. null: the calendar never closes again. */
type TimeOfDay = (day: DayNumber, startMs: InstantMs | null, opening: FactView) => Aim | null;

function compileTimeOfDay({ reader, zone, calendar }: DueSite, by: YAMLMap, field: 'at' | 'time'): TimeOfDay | null {
  const text = reader.text(by, field);
  if (text === null && !by.has(field)) {
    if (field === 'time') return (day) => endOfDay(zone, day);
    return (day, startMs) => at(zone, zone.instantOf(day, startMs === null ? 0 : msOfDay(zone, startMs)));
  }
  if (text === 'endOfDay') return (day) => endOfDay(zone, day);
  if (text === 'close') {
    if (calendar !== null) return (day) => closeOf(calendar, day);
    const advice = 'Name the calendar whose hours count, e.g. calendar: office-hours.';
    reader.source.report(
      'GUARANTEE_UNKNOWN_CALENDAR',
      `${field}: close needs a calendar`,
      advice,
      reader.offsetOf(by, field),
    );
    return null;
  }
  const fixedMs = wallTimeMs(text);
  if (fixedMs !== null) return (day) => at(zone, zone.instantOf(day, fixedMs));
  const time = reader.expression(by, field, WALL_TIME);
  return time === null ? null : (day, _startMs, opening) => at(zone, zone.instantOf(day, time.evaluate(opening)));
}

const at = (zone: Zone, atMs: InstantMs): Aim => ({ atMs, words: () => localMinute(zone, atMs) });

function endOfDay(zone: Zone, day: DayNumber): Aim {
  return { atMs: zone.endOfDayMs(day), words: () => `the end of ${dateOfDay(day)} in ${zone.name}` };
}

/** The close of the day, or of the next open day. */
function closeOf(calendar: WorkingCalendar, day: DayNumber): Aim | null {
  const open = calendar.addOpenDays(day, 0);
  const atMs = open === null ? null : calendar.closeOfMs(open);
  return atMs === null ? null : { atMs, words: () => `close at ${localMinute(calendar.zone, atMs)}` };
}

function compileFrom({ reader, node }: DueSite): { start: DueRule['start']; words: string } | null {
  if (!node.has('from')) return { start: fromOpening, words: 'the opening' };
  const from = reader.expression(node, 'from', INSTANT);
  return from === null ? null : { start: (opening) => from.evaluate(opening), words: `\`${from.text}\`` };
}
