import { minimise, type Minimum } from './nelder-mead.js';
import { BG_LIKELIHOOD } from './bg-nbd.js';
import { MBG_LIKELIHOOD, type BuyTillYouDieParameters, type LogLikelihood, type PurchaseHistory } from './mbg-nbd.js';

/** A history that so many customers share. */
export interface WeightedHistory extends PurchaseHistory {
  readonly customers: number;
}

export interface Fit<P> {
  readonly parameters: P;
  readonly logLikelihood: number;
  readonly converged: boolean;
}

/** Fewer customers or repeat buyers than this tell too little: the ruleset's parameters stay. */
const ENOUGH = { customers: 200, repeaters: 50 };

/** Customers with the same history count as one row with a weight: less than half the work in practice. */
export function weighted(histories: Iterable<PurchaseHistory>): WeightedHistory[] {
  const rows = new Map<string, WeightedHistory>();
  for (const { repeats, recency, age } of histories) {
    const key = `${repeats} ${recency} ${age}`;
    rows.set(key, { repeats, recency, age, customers: (rows.get(key)?.customers ?? 0) + 1 });
  }
  return [...rows.values()];
}

export function isEnoughToFit(rows: readonly WeightedHistory[]): boolean {
  const customers = rows.reduce((sum, row) => sum + row.customers, 0);
  const repeaters = rows.reduce((sum, row) => sum + (row.repeats > 0 ? row.customers : 0), 0);
  return customers >= ENOUGH.customers && repeaters >= ENOUGH.repeaters;
}

/**
 * Most likely parameters of the MBG/NBD model; do not leave out customers without repeats.
 * @param near where to start looking (yesterday's fit): a third of the work
 */
export function fitMbg(rows: readonly WeightedHistory[], near?: BuyTillYouDieParameters): Fit<BuyTillYouDieParameters> {
  return fit(rows, MBG_LIKELIHOOD, near);
}

/** Most likely parameters of the BG/NBD model; do not leave out customers without repeats. */
export function fitBg(rows: readonly WeightedHistory[]): Fit<BuyTillYouDieParameters> {
  return fit(rows, BG_LIKELIHOOD);
}

/** Log-likelihood of all customers. */
export function totalLogLikelihood(
  rows: readonly WeightedHistory[],
  parameters: BuyTillYouDieParameters,
  likelihood: LogLikelihood,
): number {
  const ofRepeats = new Map<number, number>();
  let total = 0;
  for (const row of rows) {
    let shared = ofRepeats.get(row.repeats);
    if (shared === undefined) ofRepeats.set(row.repeats, (shared = likelihood.ofRepeats(parameters, row.repeats)));
    total += row.customers * (shared + likelihood.ofTimes(parameters, row));
  }
  return total;
}

function fit(
  rows: readonly WeightedHistory[],
  likelihood: LogLikelihood,
  near?: BuyTillYouDieParameters,
): Fit<BuyTillYouDieParameters> {
  const named = ([r, alpha, a, b]: readonly number[]): BuyTillYouDieParameters =>
    ({ r, alpha, a, b }) as BuyTillYouDieParameters;
  const starts = near
    ? [[near.r, near.alpha, near.a, near.b]]
    : [
        [1, 1, 1, 1],
        [0.3, 5, 0.8, 2],
        [0.5, 10, 1.5, 3],
      ];
  const best = fitPositive((point) => totalLogLikelihood(rows, named(point), likelihood), starts);
  return { ...best, parameters: named(best.parameters) };
}

/**
 * Maximises a log-likelihood of parameters above 0, searching on their logarithms from each start; the best end wins.
 * `starts` must not be empty.
 */
export function fitPositive(
  logLikelihood: (parameters: readonly number[]) => number,
  starts: readonly (readonly number[])[],
): Fit<readonly number[]> {
  const natural = (logs: readonly number[]): number[] => logs.map(Math.exp);
  const ends: Minimum[] = starts.map((start) => minimise((logs) => -logLikelihood(natural(logs)), start.map(Math.log)));
  const best = ends.reduce((a, b) => (b.value < a.value ? b : a));
  return { parameters: natural(best.point), logLikelihood: -best.value, converged: best.converged };
}
