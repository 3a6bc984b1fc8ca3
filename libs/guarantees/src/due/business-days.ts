import type { DayNumber, WorkingCalendar } from '#libs/calendar';

/** Days that count where a term counts business days. */
export interface BusinessDays {
  /** In words, e.g. "business days (Monday to Friday)". */
  readonly words: string;
  isOpen(day: DayNumber): boolean;
  /** The n-th business day after `day`; 0 gives the first at or after it. null beyond 1970 to 2100. */
  add(day: DayNumber, n: number): DayNumber | null;
}

/** Monday to Friday, without holidays: what a term without a calendar means. */
export const WEEKDAYS: BusinessDays = {
  words: 'business days (Monday to Friday)',
  // 1970-01-01 was a Thursday.
  isOpen: (day) => (((day + 3) % 7) + 7) % 7 < 5,
  add(day, n) {
    let at = day;
    for (let left = n; left > 0 || (n === 0 && !WEEKDAYS.isOpen(at));) {
      at += 1;
      if (WEEKDAYS.isOpen(at)) left -= 1;
    }
    return at;
  },
};

export function businessDaysOf(calendar: WorkingCalendar): BusinessDays {
  return {
    words: `business days (${calendar.name})`,
    isOpen: (day) => calendar.isOpenDay(day),
    add: (day, n) => calendar.addOpenDays(day, n),
  };
}

/** Longest stretch that is counted day by day; what lies beyond is counted as if every day were open. */
const DAYS_COUNTED_MAX = 4_000;

/** Business days after `fromDay`, up to and including `untilDay`. */
export function countBusinessDays(days: BusinessDays, fromDay: DayNumber, untilDay: DayNumber): number {
  const last = Math.min(untilDay, fromDay + DAYS_COUNTED_MAX);
  let count = Math.max(0, untilDay - last);
  for (let day = fromDay + 1; day <= last; day++) if (days.isOpen(day)) count += 1;
  return count;
}
