import type { Zone } from '#libs/calendar';
import { EvaluationError, type DayLimit, type RemedyTerms, type VerdictScope } from '#libs/guarantees';
import type { InstantMs } from '#libs/kernel';

const DAY_MS = 86_400_000;

/**
 * The last instant of the last local day of a period.
 * @param byDefaultMs the moment where the term names none, or names one that has not come
 */
export function endOfLimitMs(
  limit: DayLimit,
  terms: RemedyTerms,
  scope: VerdictScope,
  byDefaultMs: InstantMs,
): InstantMs {
  const { calendar } = terms;
  const { zone } = calendar;
  const fromMs = limit.from?.evaluate(scope) ?? byDefaultMs;
  const day = zone.localDayOf(fromMs);
  if (limit.days !== null) return zone.endOfDayMs(day + limit.days);
  if (limit.months !== null) return zone.endOfDayMs(zone.localDayOf(zone.addCivil(fromMs, { months: limit.months })));
  if (limit.monthEnds !== null) return endOfMonthMs(zone, day, limit.monthEnds);
  const last = calendar.addOpenDays(day, limit.workingDays ?? 0);
  if (last === null) throw new EvaluationError('a working day before the year 2100 was expected', limit.place);
  return zone.endOfDayMs(last);
}

function endOfMonthMs(zone: Zone, day: number, months: number): InstantMs {
  const date = new Date(day * DAY_MS);
  const nextMonth = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months + 1, 1);
  return zone.endOfDayMs(nextMonth / DAY_MS - 1);
}
