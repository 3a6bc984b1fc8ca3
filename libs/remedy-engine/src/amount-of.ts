import {
  amountText,
  compareRatios,
  EvaluationError,
  roundToUnit,
  type Amount,
  type ArithmeticStep,
  type Ratio,
  type Remedy,
  type RemedyTerms,
  type Rounding,
  type Tiers,
  type VerdictExpression,
  type VerdictScope,
} from '#libs/guarantees';
import { describeDuration, formatMoney, type Money } from '#libs/kernel';
import { accrue } from './accrual.js';

/** What a remedy of money comes to, step by step; or why it comes to nothing. */
export type Computed =
  | { readonly money: Money; readonly steps: readonly ArithmeticStep[]; readonly nothing?: undefined }
  | { readonly nothing: 'no_whole_period' | 'below_minimum' | 'suspended' | 'pending' };

const HUNDRED: Ratio = { numerator: 100n, denominator: 1n };

/**
 * Exact to the end: amount, times, maximum, then rounded once (to what is paid out), then held against the minimum.
 * @throws EvaluationError
 */
export function amountOf(remedy: Remedy, terms: RemedyTerms, scope: VerdictScope): Computed {
  const steps: ArithmeticStep[] = [];
  const start = startOf(remedy, terms, scope, steps);
  if (typeof start === 'string') return { nothing: start };
  let amount = start;
  if (remedy.times !== null) {
    const count = remedy.times.evaluate(scope);
    const each = amount;
    amount = amount.times(count);
    const args = { each: amountText(each), count: ratioText(count), result: amountText(amount) };
    steps.push({ text: `${args.count} × ${args.each} = ${args.result}`, args });
  }
  if (remedy.maximum !== null) {
    const cap = remedy.maximum.evaluate(scope);
    const isReached = amount.compare(cap) > 0;
    const args = { amount: amountText(amount), cap: amountText(cap) };
    steps.push({
      text: isReached ? `${args.amount} is more than the cap: ${args.cap}` : `cap ${args.cap} not reached`,
      args,
    });
    if (isReached) amount = cap;
  }
  const money = rounded(remedy, terms, scope, amount, steps);
  if (money.amountMinor <= 0) return { nothing: 'no_whole_period' };
  if (remedy.minimum !== null && isTooSmall(remedy, remedy.minimum, scope, money)) return { nothing: 'below_minimum' };
  return { money, steps };
}

function startOf(
  remedy: Remedy,
  terms: RemedyTerms,
  scope: VerdictScope,
  steps: ArithmeticStep[],
): Amount | 'no_whole_period' | 'suspended' | 'pending' {
  if (remedy.perDay !== null) {
    if (scope.latenessMs === null) return 'pending';
    const endMs = scope.completedAtMs ?? scope.dueAtMs + scope.latenessMs;
    const accrued = accrue(remedy.perDay, terms, scope, endMs);
    steps.push(...accrued.steps);
    return accrued.amount ?? (accrued.suspendedDays > 0 ? 'suspended' : 'no_whole_period');
  }
  if (remedy.tiers !== null) return ofTier(remedy.tiers, scope, steps);
  const { amount } = remedy;
  if (amount === null) throw new EvaluationError('a remedy of money without an amount', remedy.place);
  const value = amount.evaluate(scope);
  steps.push(...stepsOf(amount, scope));
  return value;
}

function ofTier(tiers: Tiers, scope: VerdictScope, steps: ArithmeticStep[]): Amount | 'pending' | 'no_whole_period' {
  if (tiers.measure === null && scope.latenessMs === null) return 'pending';
  const measured = tiers.measure?.evaluate(scope) ?? { numerator: BigInt(scope.latenessMs ?? 0), denominator: 1n };
  if (tiers.measure !== null) steps.push(...stepsOf(tiers.measure, scope));
  const tier = tiers.list.find(({ bound }) => {
    if (bound === null) return true;
    const difference = compareRatios(measured, bound.value);
    return bound.test === 'over' ? difference > 0 : bound.test === 'atLeast' ? difference >= 0 : difference < 0;
  });
  if (tier === undefined) return 'no_whole_period';
  const found = tiers.measure === null ? describeDuration(scope.latenessMs ?? 0) : ratioText(measured);
  const bound = tier.bound === null ? 'in no other tier' : `${BOUND_WORDS[tier.bound.test]} ${tier.bound.text}`;
  if (tier.amount !== null) {
    const amount = tier.amount.evaluate(scope);
    const args = { measured: found, bound, line: tier.place.line, amount: amountText(amount) };
    steps.push(
      { text: `${found} is ${bound} (line ${args.line}): ${args.amount}`, args },
      ...stepsOf(tier.amount, scope),
    );
    return amount;
  }
  const base = (tiers.of as VerdictExpression<Amount>).evaluate(scope);
  const share = (tier.percent as VerdictExpression<Ratio>).evaluate(scope);
  const amount = base.times(share).dividedBy(HUNDRED);
  steps.push(...stepsOf(tiers.of, scope));
  const args = {
    measured: found,
    bound,
    line: tier.place.line,
    share: ratioText(share),
    of: amountText(base),
    amount: amountText(amount),
  };
  steps.push({
    text: `${found} is ${bound} (line ${args.line}): ${args.share} % of ${args.of} = ${args.amount}`,
    args,
  });
  return amount;
}

const BOUND_WORDS = { over: 'more than', atLeast: 'at least', below: 'below' } as const;

function rounded(
  remedy: Remedy,
  terms: RemedyTerms,
  scope: VerdictScope,
  amount: Amount,
  steps: ArithmeticStep[],
): Money {
  const rounding = (remedy.rounding?.evaluate(scope) ?? terms.rounding) as Rounding;
  const unit = terms.payoutUnitMinor;
  const positive = amount.numerator < 0n ? amount.times({ numerator: 0n, denominator: 1n }) : amount;
  const money = roundToUnit(positive, rounding, unit);
  const isExact = BigInt(money.amountMinor) * positive.denominator === positive.numerator;
  if (isExact) return money;
  const args = { exact: amountText(positive), rounding, result: formatMoney(money), unitMinor: unit };
  steps.push({ text: `${args.exact} rounded ${rounding} to ${args.result}`, args });
  return money;
}

function isTooSmall(
  remedy: Remedy,
  minimum: NonNullable<Remedy['minimum']>,
  scope: VerdictScope,
  money: Money,
): boolean {
  const least = minimum.amount.evaluate(scope);
  if (least.currency !== money.currency)
    throw new EvaluationError(`${money.currency} and ${least.currency} cannot be compared`, remedy.place);
  const difference = BigInt(money.amountMinor) * least.denominator - least.numerator;
  return minimum.test === 'over' ? difference <= 0n : difference < 0n;
}

function stepsOf<T>(expression: VerdictExpression<T> | null, scope: VerdictScope): ArithmeticStep[] {
  return expression?.steps?.(scope) ?? [];
}

/** "2.5", "3": a ratio with up to four decimals. */
function ratioText({ numerator, denominator }: Ratio): string {
  const text = (Number((numerator * 10_000n) / denominator) / 10_000).toString();
  return text;
}
