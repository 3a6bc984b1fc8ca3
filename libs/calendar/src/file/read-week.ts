import type { YAMLMap } from 'yaml';
import { parseInstant } from '#libs/kernel';
import type { WeekChange, WeekWindows } from '../compile-terms.js';
import type { Window } from '../compiled-calendar.js';
import { dayNumberOf } from '../day-number.js';
import { isLocalDate } from '../local-day.js';
import { ALL_DAY, clockMsOf, clockTextOf, WEEKDAYS, weekdaysOf, weekOf, type WeekEntry } from '../week-text.js';
import { type CalendarReader, keyText, pairsOf, type PlacedText, startOf } from './calendar-reader.js';

const CLOSED_WEEK: WeekWindows = WEEKDAYS.map(() => []);

/** The windows of a `week:` field; mistakes are reported. */
export function readWeek(reader: CalendarReader, map: YAMLMap, field: string): WeekWindows {
  if (map.get(field) === '24x7') return WEEKDAYS.map(() => ALL_DAY);
  const week = reader.map(map, field);
  if (week === null) return CLOSED_WEEK;
  const entries: WeekEntry[] = [];
  for (const { key } of pairsOf(week)) {
    const name = keyText(key);
    const weekdays = weekdaysOf(name);
    if (weekdays === null) {
      const advice = `Weekdays are ${WEEKDAYS.join(', ')}, ranges such as mon-fri, lists such as sat,sun, or "*" for all.`;
      reader.source.report('CALENDAR_WEEKDAY_UNKNOWN', `\`${name}\` names no weekdays`, advice, startOf(key) ?? 0);
      continue;
    }
    refuseSecond(reader, entries, weekdays, name, startOf(key) ?? 0);
    entries.push({ weekdays, windows: reader.texts(week, name).flatMap((text) => readWindow(reader, text)) });
  }
  return weekOf(entries);
}

/** Which of two entries holds is clear only when one names fewer days. */
function refuseSecond(
  reader: CalendarReader,
  entries: readonly WeekEntry[],
  weekdays: readonly number[],
  name: string,
  offset: number,
): void {
  const rival = entries.find((entry) => entry.weekdays.length === weekdays.length && entry.weekdays.some((day) => weekdays.includes(day))); // prettier-ignore
  const day = rival?.weekdays.find((each) => weekdays.includes(each));
  if (day === undefined) return;
  const message = `${WEEKDAYS[day]} stands in \`${name}\` and in another entry of as many days`;
  const advice = 'Name each weekday once; an entry of fewer days, such as fri beside mon-fri, holds for its own.';
  reader.source.report('CALENDAR_WEEKDAY_TWICE', message, advice, offset);
}

function readWindow(reader: CalendarReader, { text, offset }: PlacedText): Window[] {
  const refuse = (message: string, advice: string): Window[] => {
    reader.source.report('CALENDAR_WINDOW_INVALID', message, advice, offset);
    return [];
  };
  const [from, until, ...more] = text.split('-').map(clockMsOf);
  if (from == null || until == null || more.length > 0) {
    return refuse(`\`${text}\` is no window`, 'Write from and until such as 09:00-17:00; a day ends at 24:00.');
  }
  if (from === until) return refuse(`\`${text}\` is empty`, 'A whole day is 00:00-24:00; a closed day is [].');
  if (from > until) {
    const advice = `Write ${clockTextOf(from)}-24:00 on that day and 00:00-${clockTextOf(until)} on the next: so it is clear what a holiday closes.`;
    return refuse(`\`${text}\` goes across midnight`, advice);
  }
  return [[from, until]];
}

/** The `changes:` of a calendar. */
export function readChanges(reader: CalendarReader, root: YAMLMap): WeekChange[] {
  const seen = new Set<string>();
  return reader.maps(root, 'changes').flatMap((change): WeekChange[] => {
    reader.checkFields(change, 'a change', ['from', 'week'], ['from', 'week']);
    const week = readWeek(reader, change, 'week');
    const from = reader.text(change, 'from');
    if (from === null) return [];
    const refuse = (message: string, advice: string): void =>
      reader.report(change, 'from', 'CALENDAR_DATE_INVALID', message, advice);
    if (seen.has(from)) refuse(`two changes come into force at ${from}`, 'Make one of them.');
    seen.add(from);
    if (isLocalDate(from)) return [{ fromDay: dayNumberOf(from), week }];
    const fromMs = parseInstant(from);
    if (fromMs !== null) return [{ fromMs, week }];
    refuse(`\`${from}\` is neither a date nor an instant`, 'Write 2027-01-01 (in the calendar’s zone) or 2027-01-01T06:00:00Z.'); // prettier-ignore
    return [];
  });
}
