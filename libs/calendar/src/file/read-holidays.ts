import type { YAMLMap } from 'yaml';
import { dayNumberOf } from '../day-number.js';
import { isLocalDate } from '../local-day.js';
import type { DayNumber } from '../working-calendar.js';
import type { CalendarReader, PlacedText } from './calendar-reader.js';
import type { HolidaySources } from './compile-calendar.js';
import { daysOfICalendar, ICalendarError } from './icalendar.js';

/** Longest range of dates: a closed year is a mistake. */
const RANGE_DAYS_MAX = 366;

/** The holidays of a calendar from all its sources; mistakes are reported. */
export function readHolidays(reader: CalendarReader, root: YAMLMap, sources: HolidaySources): DayNumber[] {
  const holidays = reader.map(root, 'holidays');
  if (holidays === null) return [];
  reader.checkFields(holidays, 'holidays', ['public', 'dates', 'icalendar'], []);
  return [
    ...reader.maps(holidays, 'public').flatMap((place) => publicHolidays(reader, place, sources)),
    ...reader.texts(holidays, 'dates').flatMap((text) => datesOf(reader, text)),
    ...reader.texts(holidays, 'icalendar').flatMap((text) => iCalendarDays(reader, text, sources)),
  ];
}

function publicHolidays(reader: CalendarReader, place: YAMLMap, sources: HolidaySources): readonly DayNumber[] {
  reader.checkFields(place, 'public', ['country', 'region'], ['country']);
  const country = reader.text(place, 'country');
  if (country === null) return [];
  const region = reader.text(place, 'region');
  const found = sources.publicHolidays?.(country, region) ?? 'public holidays are not known here';
  if (typeof found !== 'string') return found;
  const field = region === null ? 'country' : 'region';
  const named = region === null ? country : `${country}, region ${region}`;
  reader.report(place, field, 'CALENDAR_HOLIDAYS_UNKNOWN', `no public holidays are known of ${named}`, found);
  return [];
}

function datesOf(reader: CalendarReader, { text, offset }: PlacedText): DayNumber[] {
  const [first = '', last = first, ...more] = text.split('/').map((part) => part.trim());
  const days =
    isLocalDate(first) && isLocalDate(last) && more.length === 0 ? dayNumberOf(last) - dayNumberOf(first) : -1;
  if (days >= 0 && days < RANGE_DAYS_MAX) {
    return Array.from({ length: days + 1 }, (_, i) => dayNumberOf(first) + i);
  }
  const advice = 'Write a date such as 2026-12-24, or a range of at most a year such as 2026-12-24/2026-12-31.';
  reader.source.report('CALENDAR_DATE_INVALID', `\`${text}\` is no date of the calendar`, advice, offset);
  return [];
}

/** A text that begins like iCalendar is one; any other is the name of a file. */
function iCalendarDays(reader: CalendarReader, { text, offset }: PlacedText, sources: HolidaySources): DayNumber[] {
  const content = text.trimStart().startsWith('BEGIN:VCALENDAR') ? text : (sources.readText?.(text) ?? null);
  const refuse = (message: string, advice: string): DayNumber[] => {
    reader.source.report('CALENDAR_ICALENDAR_INVALID', message, advice, offset);
    return [];
  };
  if (content === null) return refuse(`there is no file ${text}`, 'Name it relative to the calendar file.');
  try {
    return daysOfICalendar(content);
  } catch (error) {
    if (!(error instanceof ICalendarError)) throw error;
    return refuse(`the iCalendar text cannot be read: ${error.message}`, 'Correct it, or list the dates instead.');
  }
}
