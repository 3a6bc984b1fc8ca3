import { readFileSync } from 'node:fs';
import ajv from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { calendarOf, compileCalendar, dayNumberOf, type HolidaySources } from '../index.js';
import { calendarJsonSchema } from './calendar-schema.js';

const ROOT = new URL('../../../../', import.meta.url);
const GOOD = `apiVersion: makegood/v1
kind: Calendar
name: branch
timeZone: Europe/Berlin
week:
  mon-fri: [08:00-12:00, 13:30-18:00]
  sat: [09:00-13:00]
  fri: [08:00-12:00]
holidays:
  public: { country: DE, region: HH }
  dates: [2026-12-24, 2026-12-28/2026-12-30]
  icalendar: outing.ics
changes:
  - from: 2027-01-01
    week: { "*": [09:00-17:00] }
  - from: 2027-06-01T10:00:00Z
    week: 24x7
`;
const OUTING = 'BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20260617\nEND:VEVENT\nEND:VCALENDAR\n';
const sources: HolidaySources = {
  publicHolidays: (country, region) =>
    country === 'DE' && region === 'HH' ? [dayNumberOf('2026-10-31')] : 'Known: DE.',
  readText: (path) => (path === 'outing.ics' ? OUTING : null),
};

function compiled(text: string) {
  const result = compileCalendar('calendars/branch.yaml', text, '2026c', sources);
  if ('problems' in result) throw new Error(result.problems.map(({ detail }) => detail).join('\n'));
  return result.calendar;
}

/** Problems as "CODE line:column". */
function problemsOf(text: string, given = sources): string[] {
  const result = compileCalendar('calendars/branch.yaml', text, '2026c', given);
  if (!('problems' in result)) return [];
  return result.problems.map(({ code, at, advice }) => {
    expect([at?.file, Boolean(advice)]).toEqual(['calendars/branch.yaml', true]);
    return `${code} ${at?.line}:${at?.column}`;
  });
}

describe('compileCalendar', () => {
  it('reads windows, holidays from everywhere, and changes', () => {
    const calendar = calendarOf(compiled(GOOD));
    const openings = (date: string): string[] =>
      calendar.openingsOf(dayNumberOf(date)).map((one) => [one.fromMs, one.untilMs].map((ms) => new Date(ms).toISOString().slice(11, 16)).join('-')); // prettier-ignore
    expect(openings('2026-06-11')).toEqual(['06:00-10:00', '11:30-16:00']);
    expect(openings('2026-06-12')).toEqual(['06:00-10:00']);
    expect(openings('2026-06-13')).toEqual(['07:00-11:00']);
    const holidays = ['2026-06-14', '2026-06-17', '2026-10-31', '2026-12-24', '2026-12-28', '2026-12-30'];
    expect(holidays.flatMap(openings)).toEqual([]);
    expect(openings('2026-12-31')).toHaveLength(2);
    expect(openings('2027-01-03')).toEqual(['08:00-16:00']);
    expect(openings('2027-06-01')).toEqual(['07:00-22:00']); // its hours until 10:00 UTC, from then on never closed
    expect(openings('2027-06-02')).toEqual(['22:00-22:00']);
  });

  it('is one JSON value that answers the same wherever it travels', () => {
    const calendar = compiled(GOOD);
    const travelled = JSON.parse(JSON.stringify(calendar)) as typeof calendar;
    expect(travelled).toEqual(calendar);
    expect(JSON.stringify(calendar).length).toBeLessThan(20_000);
    const [a, b] = [calendarOf(calendar), calendarOf(travelled)];
    expect(a.addOpenMs(1_780_000_000_000, 1e9)).toBe(b.addOpenMs(1_780_000_000_000, 1e9));
    expect(compiled(GOOD.replace('13:30', '13:31')).hash).not.toBe(calendar.hash);
  });

  it.each([
    ['an unknown field', ['week:', 'weeks:\n  mon: []\nweek:'], 'CALENDAR_UNKNOWN_FIELD 5:1'],
    ['a missing field', ['timeZone: Europe/Berlin\n', ''], 'CALENDAR_MISSING_FIELD 1:1'],
    ['another kind', ['kind: Calendar', 'kind: Guarantee'], 'CALENDAR_FIELD_INVALID 2:7'],
    ['a name with blanks', ['name: branch', 'name: The Branch'], 'CALENDAR_FIELD_INVALID 3:7'],
    ['an unknown zone', ['Europe/Berlin', 'Europe/Berlni'], 'CALENDAR_UNKNOWN_ZONE 4:11'],
    ['an unknown weekday', ['mon-fri:', 'mon-fry:'], 'CALENDAR_WEEKDAY_UNKNOWN 6:3'],
    ['a weekday in two entries as wide', ['  sat: [', '  sat-wed: ['], 'CALENDAR_WEEKDAY_TWICE 7:3'],
    ['no window', ['09:00-13:00', '9-13'], 'CALENDAR_WINDOW_INVALID 7:9'],
    ['a window past midnight', ['09:00-13:00', '22:00-06:00'], 'CALENDAR_WINDOW_INVALID 7:9'],
    ['an empty window', ['09:00-13:00', '09:00-09:00'], 'CALENDAR_WINDOW_INVALID 7:9'],
    ['a window after 24:00', ['09:00-13:00', '09:00-24:01'], 'CALENDAR_WINDOW_INVALID 7:9'],
    ['a holiday that is no date', ['2026-12-24', '2026-02-30'], 'CALENDAR_DATE_INVALID 11:11'],
    ['a range backwards', ['28/2026-12-30', '28/2026-12-01'], 'CALENDAR_DATE_INVALID 11:23'],
    ['an unknown country', ['country: DE', 'country: XX'], 'CALENDAR_HOLIDAYS_UNKNOWN 10:34'],
    ['a file that is not there', ['outing.ics', 'gone.ics'], 'CALENDAR_ICALENDAR_INVALID 12:14'],
    ['a change at no date', ['from: 2027-01-01', 'from: next year'], 'CALENDAR_DATE_INVALID 14:11'],
    ['two changes at once', ['2027-06-01T10:00:00Z', '2027-01-01'], 'CALENDAR_DATE_INVALID 16:11'],
    ['broken YAML', ['sat: [09:00-13:00]', 'sat: [09:00-13:00'], 'CALENDAR_YAML_INVALID 8:3'],
  ])('refuses %s, at its place', (_name, [from, to], problem) => {
    expect(problemsOf(GOOD.replace(from as string, to as string))[0]).toBe(problem);
  });

  it('refuses a calendar that never opens, or closes for good', () => {
    const closed = GOOD.replace(/week:\n( {2}.*\n){3}/, 'week: { "*": [] }\n').replace(/changes:[^]*/, '');
    expect(problemsOf(closed)).toEqual(['CALENDAR_NEVER_OPEN 5:7']);
    expect(problemsOf(GOOD.replace('week: 24x7', 'week: { mon: [] }'))).toEqual(['CALENDAR_NEVER_OPEN 6:3']);
  });

  it('refuses public holidays where nobody knows them, rather than leaving them out', () => {
    expect(problemsOf(GOOD, { readText: () => OUTING })).toEqual(['CALENDAR_HOLIDAYS_UNKNOWN 10:34']);
  });

  it('refuses what is no mapping', () => {
    expect(['', '- a', 'text'].map((text) => problemsOf(text)[0])).toEqual(Array(3).fill('CALENDAR_YAML_INVALID 1:1'));
  });

  it('shows the line with a mark under the place', () => {
    const result = compileCalendar('c.yaml', GOOD.replace('09:00-13:00', '22:00-06:00'), 'x', sources);
    const [problem] = 'problems' in result ? result.problems : [];
    expect(problem?.detail).toBe('`22:00-06:00` goes across midnight\n  7 |   sat: [22:00-06:00]\n              ^');
    expect(problem?.advice).toContain('22:00-24:00 on that day and 00:00-06:00 on the next');
  });
});

describe('the JSON Schema of calendars', () => {
  it('is the one in docs', () => {
    const inDocs: unknown = JSON.parse(readFileSync(new URL('docs/calendar.schema.json', ROOT), 'utf8'));
    expect(inDocs).toEqual(JSON.parse(JSON.stringify(calendarJsonSchema)));
  });

  it('takes what compiles, and refuses what editors should mark', () => {
    const validate = new ajv.default({ allErrors: true, strict: false }).compile(calendarJsonSchema);
    expect([validate(parse(GOOD)), validate.errors]).toEqual([true, null]);
    for (const wrong of [
      GOOD.replace('week:', 'weeks:'),
      GOOD.replace('mon-fri', 'mon-fry'),
      GOOD.replace('DE', 'Germany'),
    ])
      expect(validate(parse(wrong))).toBe(false);
  });
});
