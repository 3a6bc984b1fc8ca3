import { ALL_DAY, calendarOf, compileTerms, weekOf, type WorkingCalendar } from '#libs/calendar';

const known = new Map<string, WorkingCalendar>();
const ZONES_MAX = 100;

/** Monday to Friday, whole days, in a zone: what working days are where a guarantee names no calendar. */
export function weekdaysIn(timeZone: string): WorkingCalendar {
  const made = known.get(timeZone);
  if (made !== undefined) return made;
  const week = weekOf([{ weekdays: [0, 1, 2, 3, 4], windows: ALL_DAY }]);
  const { calendar } = compileTerms({ name: 'weekdays', timeZone, week, changes: [], holidays: [] }, '');
  if (calendar === undefined) throw new Error(`weekdays in ${timeZone} never come`);
  if (known.size >= ZONES_MAX) known.clear();
  const working = calendarOf(calendar);
  known.set(timeZone, working);
  return working;
}
