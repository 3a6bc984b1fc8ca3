import { fitPositive, type Fit } from './fit.js';
import { logGamma } from './special-functions.js';

const { log } = Math;

/** Spend per purchase: gamma(p) around a customer's own mean, the means spread by gamma(q, v); v in units of money. */
export interface GammaGammaParameters {
  readonly p: number;
  readonly q: number;
  readonly v: number;
}

/** Repeat purchases (above 0) and their mean amount (above 0). */
export interface Spending {
  readonly repeats: number;
  readonly meanAmount: number;
}

/** Amount expected of the customer's next purchases: their own mean, drawn towards everybody's while it is thin. */
export function expectedAmount(parameters: GammaGammaParameters, spending: Spending): number {
  const { p, q, v } = parameters;
  const { repeats, meanAmount } = spending;
  return (p * (v + repeats * meanAmount)) / (p * repeats + q - 1);
}

/** Mean amount over all customers; needs q above 1. */
export function populationAmount({ p, q, v }: GammaGammaParameters): number {
  return (p * v) / (q - 1);
}

/** Most likely parameters; customers without repeats or amount are left out, as the model knows only repeat spending. */
export function fitGammaGamma(customers: Iterable<Spending>): Fit<GammaGammaParameters> {
  const rows = [...customers].filter(({ repeats, meanAmount }) => repeats > 0 && meanAmount > 0);
  const named = ([p, q, v]: readonly number[]): GammaGammaParameters => ({ p, q, v }) as GammaGammaParameters;
  const best = fitPositive(
    (point) => totalLogLikelihood(rows, named(point)),
    [
      [1, 1, 1],
      [6, 4, 15],
    ],
  );
  return { ...best, parameters: named(best.parameters) };
}

/** Log-likelihood of all; what hangs on the number of repeats alone is worked out once for each number. */
function totalLogLikelihood(rows: readonly Spending[], { p, q, v }: GammaGammaParameters): number {
  const perCustomer = q * log(v) - logGamma(q);
  const ofRepeats = new Map<number, number>();
  let total = rows.length * perCustomer;
  for (const { repeats: x, meanAmount } of rows) {
    let shared = ofRepeats.get(x);
    if (shared === undefined) {
      shared = logGamma(p * x + q) - logGamma(p * x) + p * x * log(x);
      ofRepeats.set(x, shared);
    }
    total += shared + (p * x - 1) * log(meanAmount) - (p * x + q) * log(v + x * meanAmount);
  }
  return total;
}
