import {
  EvaluationError,
  rateOn,
  type Amount,
  type ArithmeticStep,
  type PerDay,
  type RemedyTerms,
  type Suspension,
  type VerdictScope,
} from '#libs/guarantees';
import { amountText } from '#libs/guarantees';

const DAY_MS = 86_400_000;
/** Ten years of days. */
const DAYS_MAX = 3_660;

export interface Accrued {
  /** null: no day counts. */
  readonly amount: Amount | null;
  /** Days that would have counted but for a suspension. */
  readonly suspendedDays: number;
  readonly steps: readonly ArithmeticStep[];
}

/**
 * An amount for each local day after that of due, up to the one before completion (`endMs`); days of suspensions and
 * days that a pause of the named reasons touches are left out.
 */
export function accrue(perDay: PerDay, terms: RemedyTerms, scope: VerdictScope, endMs: number): Accrued {
  const { zone } = terms.calendar;
  const isDueDayIn = perDay.countDueDay?.evaluate(scope) ?? false;
  const isLastDayIn = perDay.countLastDay?.evaluate(scope) ?? false;
  const first = zone.localDayOf(scope.dueAtMs) + (isDueDayIn ? 0 : 1);
  const last = zone.localDayOf(endMs) - (isLastDayIn ? 0 : 1);
  if (last - first > DAYS_MAX) throw new EvaluationError(`more than ${DAYS_MAX} days accrue`, perDay.place);
  const groups: { firstDay: number; lastDay: number; count: number; each: Amount }[] = [];
  let suspendedDays = 0;
  let skippedDays = 0;
  for (let day = first; day <= last; day++) {
    if (isPaused(perDay, scope, zone.startOfDayMs(day), zone.endOfDayMs(day))) skippedDays++;
    else if (suspensionOn(terms.suspended, dateOf(day), scope) !== null) suspendedDays++;
    else {
      const each = amountOfDay(perDay, terms, scope, day);
      const group = groups.at(-1);
      if (group !== undefined && group.each.compare(each) === 0)
        Object.assign(group, { lastDay: day, count: group.count + 1 });
      else groups.push({ firstDay: day, lastDay: day, count: 1, each });
    }
  }
  const amounts = groups.map(({ count, each }) => each.times({ numerator: BigInt(count), denominator: 1n }));
  const amount = amounts.reduce<Amount | null>((sum, next) => (sum === null ? next : sum.plus(next)), null);
  const steps = groups.map(({ firstDay, lastDay, count, each }, i) => {
    const args = {
      firstDay: dateOf(firstDay),
      lastDay: dateOf(lastDay),
      count,
      rate: amountText(each),
      sum: amountText(amounts[i] as Amount),
    };
    const days = count === 1 && firstDay === lastDay ? args.firstDay : `${args.firstDay} to ${args.lastDay}`;
    return { text: `${days}: ${count} ${count === 1 ? 'day' : 'days'} × ${args.rate} = ${args.sum}`, args };
  });
  return {
    amount,
    suspendedDays,
    steps: [...steps, ...leftOut('paused', skippedDays), ...leftOut('suspended', suspendedDays)],
  };
}

function leftOut(why: string, count: number): ArithmeticStep[] {
  return count === 0
    ? []
    : [{ text: `${count} ${why} ${count === 1 ? 'day does' : 'days do'} not count`, args: { count } }];
}

function amountOfDay(perDay: PerDay, terms: RemedyTerms, scope: VerdictScope, day: number): Amount {
  if (perDay.amount !== null) return perDay.amount.evaluate(scope);
  const picked = perDay.rateOn === 'day' ? day : terms.calendar.zone.localDayOf(scope.openedAtMs);
  return rateOn(terms.rates[perDay.rate ?? ''] ?? [], picked);
}

function isPaused(perDay: PerDay, scope: VerdictScope, startMs: number, endMs: number): boolean {
  return scope.pauses.some(
    ({ reason, fromMs, untilMs }) => perDay.skip.includes(reason) && fromMs <= endMs && untilMs > startMs,
  );
}

/** The suspension in force on a local date, if any. */
export function suspensionOn(suspended: readonly Suspension[], date: string, scope: VerdictScope): Suspension | null {
  const isOn = ({ from, until, when }: Suspension): boolean =>
    from <= date && date <= until && (when === null || when.evaluate(scope));
  return suspended.find(isOn) ?? null;
}

export function dateOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
