import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileCalendar, type CompiledCalendar } from '#libs/calendar';
import { loadPublicHolidays } from '#libs/holidays';
import { ProblemError, type Problem } from '#libs/kernel';
import { TZ_VERSION } from '../due/load-calendar.js';
import { PROJECT_ROOT } from '../stack/project.js';

const FOLDER = 'guarantees/schemes/calendars';

export type CalendarsByName = (name: string) => CompiledCalendar;

/** The calendars beside the published schemes, each compiled when first asked for. @throws ProblemError */
export async function loadShippedCalendars(): Promise<CalendarsByName> {
  const publicHolidays = await loadPublicHolidays();
  const compiled = new Map<string, CompiledCalendar>();
  return (name) => {
    const known = compiled.get(name);
    if (known !== undefined) return known;
    const file = `${FOLDER}/${name}.yaml`;
    const result = compileCalendar(file, readFileSync(join(PROJECT_ROOT, file), 'utf8'), TZ_VERSION, {
      publicHolidays,
    });
    if ('problems' in result) throw new ProblemError(result.problems[0] as Problem);
    compiled.set(name, result.calendar);
    return result.calendar;
  };
}
