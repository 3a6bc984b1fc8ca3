import { isMap, isScalar, isSeq, parseDocument, type YAMLMap } from 'yaml';
import type { Problem } from '#libs/kernel';
import { compileTerms } from '../compile-terms.js';
import type { CompiledCalendar } from '../compiled-calendar.js';
import type { DayNumber } from '../working-calendar.js';
import { isTimeZone, knownTimeZones } from '../zone-offsets.js';
import { CalendarReader } from './calendar-reader.js';
import { readHolidays } from './read-holidays.js';
import { readChanges, readWeek } from './read-week.js';
import { SourceText } from './source-text.js';

/** Longest calendar file, in characters. */
const FILE_CHARS_MAX = 200_000;

/** Where a calendar file's holidays come from that do not stand in it. */
export interface HolidaySources {
  /** The public holidays of a country or region from 1970 to 2100; a text where there is none: what is known instead. */
  publicHolidays?(country: string, region: string | null): readonly DayNumber[] | string;
  /** The text of a file named in a calendar file, relative to it; null when there is none. */
  readText?(path: string): string | null;
}

/**
 * A calendar file (YAML, `kind: Calendar`) as engines compute from it, or everything that is wrong with it, each with
 * line, column and advice.
 * @param file the name that its author knows it by, e.g. `calendars/office-hours.yaml`
 * @param tzVersion the host's version of the tz data (`process.versions.tz`), kept for the record
 */
export function compileCalendar(
  file: string,
  text: string,
  tzVersion: string,
  sources: HolidaySources = {},
): { readonly calendar: CompiledCalendar } | { readonly problems: Problem[] } {
  const source = new SourceText(file, text);
  const root = readRoot(source);
  if (root === null) return { problems: source.problems };
  const reader = new CalendarReader(source);
  reader.checkFields(root, 'the calendar', ['apiVersion', 'kind', 'name', 'title', 'timeZone', 'week', 'holidays', 'changes'], ['apiVersion', 'kind', 'name', 'timeZone', 'week']); // prettier-ignore
  reader.exactly(root, 'apiVersion', 'makegood/v1');
  reader.exactly(root, 'kind', 'Calendar');
  const name = reader.text(root, 'name');
  if (name !== null && !/^[a-z][a-z0-9-]{0,62}$/.test(name)) {
    reader.report(root, 'name', 'CALENDAR_FIELD_INVALID', `name cannot be \`${name}\``, 'Small letters, digits and hyphens, a letter first.'); // prettier-ignore
  }
  const timeZone = reader.text(root, 'timeZone');
  if (timeZone !== null && !isTimeZone(timeZone)) {
    reader.report(root, 'timeZone', 'CALENDAR_UNKNOWN_ZONE', `there is no time zone \`${timeZone}\``, reader.suggest(timeZone.replace(/ /g, '_'), knownTimeZones(), 'Zones are those of the tz database, e.g. Europe/Berlin.')); // prettier-ignore
  }
  const week = readWeek(reader, root, 'week');
  const changes = readChanges(reader, root);
  const holidays = readHolidays(reader, root, sources);
  if (source.problems.length > 0 || name === null || timeZone === null) return { problems: source.problems };
  const compiled = compileTerms({ name, timeZone, week, changes, holidays }, tzVersion);
  if (compiled.calendar !== undefined) return { calendar: compiled.calendar };
  reader.report(root, 'week', compiled.problem.code, compiled.problem.detail, compiled.problem.advice ?? '');
  return { problems: source.problems };
}

function readRoot(source: SourceText): YAMLMap | null {
  const { text } = source;
  if (text.length > FILE_CHARS_MAX) {
    source.report('CALENDAR_YAML_INVALID', `the file has ${text.length} characters, at most ${FILE_CHARS_MAX} are allowed`, 'One file holds one calendar.', 0); // prettier-ignore
    return null;
  }
  const document = parseDocument(text, { prettyErrors: false, uniqueKeys: true });
  for (const { message, pos } of [...document.errors, ...document.warnings]) {
    source.report('CALENDAR_YAML_INVALID', `the file is no valid YAML: ${message}`, 'Correct it here.', pos[0]);
  }
  if (source.problems.length > 0) return null;
  if (isMap(document.contents)) return document.contents;
  const found = isSeq(document.contents) ? 'a list' : isScalar(document.contents) ? 'a text' : 'nothing';
  source.report('CALENDAR_YAML_INVALID', `a calendar file is a mapping (name: value), but ${found} was found`, 'Begin with `apiVersion: makegood/v1`.', 0); // prettier-ignore
  return null;
}
