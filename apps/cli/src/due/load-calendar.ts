import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import {
  ALL_DAY,
  calendarOf,
  compileCalendar,
  compileTerms,
  isTimeZone,
  knownTimeZones,
  WEEKDAYS,
  type WorkingCalendar,
} from '#libs/calendar';
import { loadPublicHolidays } from '#libs/holidays';
import { nearestName, ProblemError, type Problem } from '#libs/kernel';
import { UsageError } from '../errors.js';

export const TZ_VERSION: string = process.versions['tz'] ?? 'unknown';

/** A calendar file was refused, with everything that is wrong with it. */
export class CalendarRefused extends ProblemError {
  constructor(readonly problems: readonly Problem[]) {
    super(problems[0] as Problem);
  }
}

/** The calendar of a file, compiled as `up` would. @throws CalendarRefused */
export async function loadCalendar(file: string): Promise<WorkingCalendar> {
  const readText = (path: string): string | null => {
    const beside = resolve(dirname(file), path);
    return existsSync(beside) ? readFileSync(beside, 'utf8') : null;
  };
  const sources = { publicHolidays: await loadPublicHolidays(), readText };
  const result = compileCalendar(file, readFileSync(file, 'utf8'), TZ_VERSION, sources);
  if ('problems' in result) throw new CalendarRefused(result.problems);
  return calendarOf(result.calendar);
}

/** A clock that never closes: elapsed time, told in a zone. */
export function neverClosing(zone: string): WorkingCalendar {
  if (!isTimeZone(zone)) {
    const nearest = nearestName(zone, knownTimeZones());
    const detail = `--zone ${zone} → there is no such time zone`;
    const advice =
      nearest === null ? 'Zones are those of the tz database, e.g. Europe/Berlin.' : `Did you mean ${nearest}?`;
    throw new UsageError({ code: 'ZONE_UNKNOWN', detail, advice });
  }
  const week = WEEKDAYS.map(() => ALL_DAY);
  const { calendar, problem } = compileTerms({ name: 'always', timeZone: zone, week, changes: [], holidays: [] }, TZ_VERSION); // prettier-ignore
  if (calendar === undefined) throw new ProblemError(problem);
  return calendarOf(calendar);
}
