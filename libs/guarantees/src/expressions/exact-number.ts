import type { Environment } from '@marcbachmann/cel-js';
import { Amount, ratioOf, ValueError, type Ratio } from './amount.js';

/** A number that stays a fraction: 43,195 of 43,200 minutes are neither more nor less than that. */
export class ExactNumber implements Ratio {
  constructor(
    readonly numerator: bigint,
    readonly denominator: bigint,
  ) {}
}

export const NUMBER_TYPES = ['Exact', 'int', 'double'] as const;

/** A number of any kind as a ratio. @throws ValueError for anything else. */
export function exactOf(value: unknown): Ratio {
  return value instanceof ExactNumber ? value : ratioOf(value);
}

/** Negative, zero or positive. */
export function compareRatios(a: Ratio, b: Ratio): number {
  const difference = a.numerator * b.denominator - b.numerator * a.denominator;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

const sum = (a: Ratio, b: Ratio, sign: 1n | -1n): ExactNumber =>
  new ExactNumber(a.numerator * b.denominator + sign * b.numerator * a.denominator, a.denominator * b.denominator);

function quotient(a: Ratio, b: Ratio): ExactNumber {
  if (b.numerator === 0n) throw new ValueError('a number cannot be divided by zero');
  const sign = b.numerator < 0n ? -1n : 1n;
  return new ExactNumber(a.numerator * b.denominator * sign, a.denominator * b.numerator * sign);
}

/** `exact(x)` and arithmetic on it; money times and divided by it. */
export function withExactNumbers(environment: Environment): Environment {
  environment.registerType('Exact', { ctor: ExactNumber, fields: {} });
  environment.registerFunction('exact(dyn): Exact', (value) => {
    const { numerator, denominator } = exactOf(value);
    return new ExactNumber(numerator, denominator);
  });
  for (const other of NUMBER_TYPES) {
    const pairs =
      other === 'Exact'
        ? [['Exact', 'Exact']]
        : [
            ['Exact', other],
            [other, 'Exact'],
          ];
    for (const [left, right] of pairs) {
      const on = (operator: string, compute: (a: Ratio, b: Ratio) => unknown): void => {
        const result = operator.startsWith('<') || operator.startsWith('>') ? 'bool' : 'Exact';
        environment.registerOperator(`${left} ${operator} ${right}: ${result}`, (a, b) =>
          compute(exactOf(a), exactOf(b)),
        );
      };
      on('+', (a, b) => sum(a, b, 1n));
      on('-', (a, b) => sum(a, b, -1n));
      on('*', (a, b) => new ExactNumber(a.numerator * b.numerator, a.denominator * b.denominator));
      on('/', quotient);
      on('<', (a, b) => compareRatios(a, b) < 0);
      on('<=', (a, b) => compareRatios(a, b) <= 0);
      on('>', (a, b) => compareRatios(a, b) > 0);
      on('>=', (a, b) => compareRatios(a, b) >= 0);
    }
  }
  environment.registerOperator('Money * Exact: Money', (a: Amount, b) => a.times(exactOf(b)));
  environment.registerOperator('Exact * Money: Money', (a, b: Amount) => b.times(exactOf(a)));
  environment.registerOperator('Money / Exact: Money', (a: Amount, b) => a.dividedBy(exactOf(b)));
  return environment;
}
