import { localDateOf } from '#libs/calendar';
import type { BudgetPeriod } from '#libs/guarantees';
import type { InstantMs } from '#libs/kernel';

const DAY_MS = 86_400_000;

/** The name of the calendar period that an instant lies in: `2026-11-25`, `2026-W48`, `2026-11`, `2026-Q4` or `2026`. */
export function periodOf(per: BudgetPeriod, timeZone: string, atMs: InstantMs): string {
  const date = localDateOf(timeZone, atMs);
  const [year, month] = date.split('-') as [string, string];
  switch (per) {
    case 'day':
      return date;
    case 'week':
      return weekOf(date);
    case 'month':
      return `${year}-${month}`;
    case 'quarter':
      return `${year}-Q${Math.ceil(Number(month) / 3)}`;
    case 'year':
      return year;
  }
}

/** The week of ISO 8601: Monday to Sunday, named after the year of its Thursday. */
function weekOf(date: string): string {
  const midnightMs = Date.parse(`${date}T00:00:00Z`);
  const weekday = (new Date(midnightMs).getUTCDay() + 6) % 7;
  const thursday = new Date(midnightMs + (3 - weekday) * DAY_MS);
  const year = thursday.getUTCFullYear();
  const week = Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * DAY_MS)) + 1;
  return `${year}-W${String(week).padStart(2, '0')}`;
}
