import { dateTextOf } from '../day-number.js';
import { daysOfICalendar, ICalendarError } from './icalendar.js';

const calendar = (...lines: string[]): string =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', 'BEGIN:VEVENT', ...lines, 'END:VEVENT', 'END:VCALENDAR'].join('\r\n');
const dates = (...lines: string[]): string[] => daysOfICalendar(calendar(...lines)).map(dateTextOf);

describe('holidays from iCalendar', () => {
  it.each([
    ['one day', ['DTSTART;VALUE=DATE:20261224'], ['2026-12-24']],
    [
      'up to DTEND, not included',
      ['DTSTART;VALUE=DATE:20261224', 'DTEND;VALUE=DATE:20261226'],
      ['2026-12-24', '2026-12-25'],
    ],
    ['for a DURATION', ['DTSTART:20261224', 'DURATION:P2D'], ['2026-12-24', '2026-12-25']],
    ['a folded line', ['SUMMARY;LANGUAGE="de:x":Feier', ' tag', 'DTSTART;VALUE=', ' DATE:20261224'], ['2026-12-24']],
    ['every year, so many times', ['DTSTART:20261224', 'RRULE:FREQ=YEARLY;COUNT=2'], ['2026-12-24', '2027-12-24']],
    ['every year until', ['DTSTART:20261224', 'RRULE:FREQ=YEARLY;UNTIL=20281223'], ['2026-12-24', '2027-12-24']],
    [
      'with exceptions',
      ['DTSTART:20261224', 'RRULE:FREQ=YEARLY;COUNT=3', 'EXDATE:20271224'],
      ['2026-12-24', '2028-12-24'],
    ],
    ['29 February', ['DTSTART:20240229', 'RRULE:FREQ=YEARLY;COUNT=2'], ['2024-02-29', '2028-02-29']],
    ['not at a time of the day', ['DTSTART:20261224T180000Z'], []],
    ['not when cancelled', ['DTSTART:20261224', 'STATUS:CANCELLED'], []],
  ])('%s', (_name, lines, expected) => {
    expect(dates(...lines)).toEqual(expected);
  });

  it('repeats up to the year 2100', () => {
    expect(dates('DTSTART:20261224', 'RRULE:FREQ=YEARLY').at(-1)).toBe('2100-12-24');
  });

  it.each([
    ['no event', 'BEGIN:VCALENDAR\nEND:VCALENDAR'],
    ['an event without end', 'BEGIN:VEVENT\nDTSTART:20261224'],
    ['no start', calendar('SUMMARY:x')],
    ['no date', calendar('DTSTART:20260230')],
    ['no days', calendar('DTSTART:20261224', 'DTEND:20261224')],
    ['a rule by weekday', calendar('DTSTART:20261126', 'RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH')],
    ['a weekly rule', calendar('DTSTART:20261224', 'RRULE:FREQ=WEEKLY')],
    ['no interval', calendar('DTSTART:20261224', 'RRULE:FREQ=YEARLY;INTERVAL=0')],
    ['RDATE', calendar('DTSTART:20261224', 'RDATE:20261225')],
    ['no iCalendar', '<html>'],
  ])('refuses %s', (_name, text) => {
    expect(() => daysOfICalendar(text)).toThrow(ICalendarError);
  });
});
