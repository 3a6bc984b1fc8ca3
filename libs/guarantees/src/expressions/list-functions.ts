import type { Environment } from '@marcbachmann/cel-js';
import { Amount, amountOf, ValueError } from './amount.js';
import { compareRatios, exactOf, ExactNumber } from './exact-number.js';
import { LIST_LENGTH_MAX } from './list-bound.js';

/** `sum`, `avg`, `max`, `min` over a list of numbers or of amounts, exact. */
export function withListFunctions(environment: Environment): Environment {
  environment.registerFunction('sum(list<dyn>): dyn', (list: unknown[]) => sumOf(bounded(list)));
  environment.registerFunction('avg(list<dyn>): dyn', (list: unknown[]) => {
    if (list.length === 0) throw new ValueError('an empty list has no mean');
    const total = sumOf(bounded(list));
    const count = { numerator: BigInt(list.length), denominator: 1n };
    if (total instanceof Amount) return total.dividedBy(count);
    return new ExactNumber(total.numerator, total.denominator * count.numerator);
  });
  for (const [name, sign] of [
    ['max', 1],
    ['min', -1],
  ] as const) {
    environment.registerFunction(`${name}(dyn): dyn`, (list: unknown) => {
      if (!Array.isArray(list) || list.length === 0)
        throw new ValueError(`${name} of one value needs a list that is not empty`);
      return extreme(bounded(list as unknown[]), sign);
    });
  }
  return environment;
}

function sumOf(list: readonly unknown[]): Amount | ExactNumber {
  const first = list.length === 0 ? null : amountOf(list[0]);
  if (first !== null) return list.slice(1).reduce<Amount>((sum, value) => sum.plus(asAmount(value)), first);
  return list
    .map(exactOf)
    .reduce<ExactNumber>(
      (a, b) =>
        new ExactNumber(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator),
      new ExactNumber(0n, 1n),
    );
}

/** The least (-1) or greatest (1) of amounts or of numbers, as it was given. */
export function extreme(values: readonly unknown[], sign: -1 | 1): unknown {
  if (amountOf(values[0]) !== null) {
    return values.map(asAmount).reduce((best, value) => (value.compare(best) * sign > 0 ? value : best));
  }
  return values.reduce((best, value) => (compareRatios(exactOf(value), exactOf(best)) * sign > 0 ? value : best));
}

export function asAmount(value: unknown): Amount {
  const found = amountOf(value);
  if (found === null) throw new ValueError('money ({amountMinor, currency}) was expected');
  return found;
}

function bounded(list: unknown[]): unknown[] {
  if (list.length <= LIST_LENGTH_MAX) return list;
  throw new ValueError(`lists of at most ${LIST_LENGTH_MAX} elements were expected`);
}
