import {
  ALL_DAY,
  clockMsOf,
  compileTerms,
  dayNumberOf,
  weekOf,
  type CompiledCalendar,
  type Window,
} from '#libs/calendar';
import { TZ_VERSION } from '../due/load-calendar.js';
import type { CaseCalendar } from './scheme-case.js';

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** The calendar of a case under a name that a guarantee asks for. @throws Error for one that never opens */
export function compiledCaseCalendar(calendar: CaseCalendar, name: string): CompiledCalendar {
  const weekdays = WEEKDAYS.flatMap((day, i) => (calendar.weekend.includes(day) ? [] : [i]));
  const { calendar: compiled, problem } = compileTerms(
    {
      name,
      timeZone: calendar.timezone,
      week: weekOf([{ weekdays, windows: windowsOf(calendar) }]),
      changes: [],
      holidays: calendar.holidays.map(dayNumberOf),
    },
    TZ_VERSION,
  );
  if (compiled === undefined) throw new Error(problem.detail);
  return compiled;
}

function windowsOf({ hours }: CaseCalendar): readonly Window[] {
  if (hours === undefined) return ALL_DAY;
  const [from, until] = hours.map(clockMsOf);
  if (from == null || until == null)
    throw new Error(`hours such as ["09:00", "17:00"] were expected, got ${hours.join(' to ')}`);
  return [[from, until]];
}
