import { dateOfDay, dayOfDate, daysOfMonth } from '../day-number.js';
import type { DayNumber } from '../working-calendar.js';

/** Most events of a text, and most days of an event. */
const EVENTS_MAX = 10_000;
const DAYS_MAX = 366;
const YEAR_MAX = 2100;

/** Something in an iCalendar text that cannot be followed, with its line. */
export class ICalendarError extends Error {}

interface Line {
  readonly name: string;
  readonly value: string;
  readonly number: number;
}

/**
 * The days of the all-day events of an iCalendar text (RFC 5545): DTSTART and DTEND (not included) or DURATION in days,
 * RRULE by the year on the same date, EXDATE. Events at a time of the day, and cancelled ones, are no holidays and left
 * out.
 * @throws ICalendarError for a rule that is not understood: a holiday left out unseen would move deadlines
 */
export function daysOfICalendar(text: string): DayNumber[] {
  const days: DayNumber[] = [];
  let [event, events]: [Line[] | null, number] = [null, 0];
  for (const line of linesOf(text)) {
    const block = line.value.toUpperCase();
    if (line.name === 'BEGIN' && block === 'VEVENT') event = [];
    else if (line.name === 'END' && block === 'VEVENT' && event !== null) {
      if (++events > EVENTS_MAX) throw new ICalendarError(`more than ${EVENTS_MAX} events`);
      days.push(...daysOfEvent(event));
      event = null;
    } else event?.push(line);
  }
  if (event !== null) throw new ICalendarError('an event has no END:VEVENT');
  if (events === 0) throw new ICalendarError('it holds no event');
  return days;
}

/** Lines unfolded: one that begins with a blank goes on with the one before. Parameters are left out. */
function linesOf(text: string): Line[] {
  const lines: { text: string; number: number }[] = [];
  text.split(/\r?\n/).forEach((line, i) => {
    const last = lines.at(-1);
    if (/^[ \t]/.test(line) && last !== undefined) last.text += line.slice(1);
    else if (line.trim() !== '') lines.push({ text: line, number: i + 1 });
  });
  return lines.map((line) => {
    const match = /^([A-Za-z-]+)(?:;(?:"[^"]*"|[^":])*)?:(.*)$/.exec(line.text.trimStart());
    if (match === null) throw new ICalendarError(`line ${line.number} is no NAME:VALUE`);
    return { name: (match[1] as string).toUpperCase(), value: (match[2] as string).trim(), number: line.number };
  });
}

function daysOfEvent(event: readonly Line[]): DayNumber[] {
  const line = (name: string): Line | undefined => event.find((each) => each.name === name);
  if (line('STATUS')?.value.toUpperCase() === 'CANCELLED') return [];
  const start = line('DTSTART');
  if (start === undefined) throw new ICalendarError('an event has no DTSTART');
  if (/^\d{8}T/.test(start.value)) return [];
  if (line('RDATE') !== undefined) throw new ICalendarError(`line ${line('RDATE')?.number}: RDATE is not understood`);
  const first = dayOf(start);
  const end = line('DTEND');
  const length = end === undefined ? durationDays(line('DURATION')) : dayOf(end) - first;
  if (length < 1 || length > DAYS_MAX) throw new ICalendarError(`line ${start.number}: an event of ${length} days`);
  const except = new Set(event.filter(({ name }) => name === 'EXDATE').flatMap(datesOfList));
  const starts = startsOf(first, line('RRULE')).filter((day) => !except.has(day));
  return starts.flatMap((day) => Array.from({ length }, (_, i) => day + i));
}

function dayOf({ value, number }: Line): DayNumber {
  const match = /^(\d{4})(\d{2})(\d{2})$/.exec(value.slice(0, 8));
  const [year, month, day] = [Number(match?.[1]), Number(match?.[2]), Number(match?.[3])];
  if (match === null || month < 1 || month > 12 || day < 1 || day > daysOfMonth(year, month)) {
    throw new ICalendarError(`line ${number}: ${value} is no date`);
  }
  return dayOfDate(year, month, day);
}

function datesOfList(line: Line): DayNumber[] {
  return line.value.split(',').map((value) => dayOf({ ...line, value }));
}

function durationDays(line: Line | undefined): number {
  if (line === undefined) return 1;
  const match = /^P(?:(\d+)W|(\d+)D)$/.exec(line.value);
  if (match === null) throw new ICalendarError(`line ${line.number}: ${line.value} is no duration in days`);
  return match[1] === undefined ? Number(match[2]) : Number(match[1]) * 7;
}

/** The first days of an event and of its repetitions, up to the year 2100. */
function startsOf(first: DayNumber, rule: Line | undefined): DayNumber[] {
  if (rule === undefined) return [first];
  const { year, month, dayOfMonth } = dateOfDay(first);
  const parts = new Map(rule.value.split(';').map((part) => part.split('=', 2) as [string, string]));
  const given = new Map([...parts].map(([name, value]) => [name.toUpperCase(), value]));
  const [interval, count] = [Number(given.get('INTERVAL') ?? 1), Number(given.get('COUNT') ?? Infinity)];
  const until = given.has('UNTIL') ? dayOf({ ...rule, value: given.get('UNTIL') as string }) : Infinity;
  const sameDate = Number(given.get('BYMONTH') ?? month) === month && Number(given.get('BYMONTHDAY') ?? dayOfMonth) === dayOfMonth; // prettier-ignore
  const known = ['FREQ', 'INTERVAL', 'COUNT', 'UNTIL', 'BYMONTH', 'BYMONTHDAY', 'WKST'];
  const isUnderstood = given.get('FREQ') === 'YEARLY' && interval >= 1 && sameDate && [...given.keys()].every((name) => known.includes(name)); // prettier-ignore
  if (!isUnderstood) throw new ICalendarError(`line ${rule.number}: only repetitions by the year on the same date are understood, not ${rule.value}`); // prettier-ignore
  const starts: DayNumber[] = [];
  for (let y = year; y <= YEAR_MAX && starts.length < count; y += interval) {
    const day = dayOfDate(y, month, dayOfMonth);
    // 29 February comes in leap years only.
    if (day > until) break;
    if (dayOfMonth <= daysOfMonth(y, month)) starts.push(day);
  }
  return starts;
}
