import { logAddExp, logGamma } from './special-functions.js';

const { exp, log } = Math;

/** A customer's purchase history for the buy-till-you-die models; `recency` and `age` in one unit (weeks), from the first purchase. */
export interface PurchaseHistory {
  /** Purchase days after the first. */
  readonly repeats: number;
  /** Time of the last purchase; 0 without repeats. */
  readonly recency: number;
  /** Time of observation. */
  readonly age: number;
}

/** Purchases: gamma(r, alpha) rates; leaving after a purchase: beta(a, b). All above 0; alpha in units of time. */
export interface BuyTillYouDieParameters {
  readonly r: number;
  readonly alpha: number;
  readonly a: number;
  readonly b: number;
}

/** Highest exponent of the odds of having left: exp(700) is still finite. */
const MOST_LOG_ODDS = 700;

/** ((α + age) / (α + recency))^(r + repeats), by logarithms and capped, so that it never overflows. */
export function silenceFactor(parameters: BuyTillYouDieParameters, history: PurchaseHistory): number {
  const { r, alpha } = parameters;
  const logFactor = (r + history.repeats) * log((alpha + history.age) / (alpha + history.recency));
  return exp(Math.min(logFactor, MOST_LOG_ODDS));
}

/** MBG/NBD (Batislam et al. 2007): a customer may leave right after the first purchase, so that one-time buyers fade too. */
export function mbgAlive(parameters: BuyTillYouDieParameters, history: PurchaseHistory): number {
  const { a, b } = parameters;
  return 1 / (1 + (a / (b + history.repeats)) * silenceFactor(parameters, history));
}

/**
 * A model's log-likelihood of one history in two parts: the one that hangs on the number of repeats alone is the dear one, and
 * many customers share it.
 */
export interface LogLikelihood {
  ofRepeats(parameters: BuyTillYouDieParameters, repeats: number): number;
  ofTimes(parameters: BuyTillYouDieParameters, history: PurchaseHistory): number;
}

export const MBG_LIKELIHOOD: LogLikelihood = {
  ofRepeats: ({ r, alpha, a, b }, x) =>
    logGamma(r + x) -
    logGamma(r) +
    r * log(alpha) +
    logGamma(a + b) +
    logGamma(b + x + 1) -
    logGamma(b) -
    logGamma(a + b + x + 1),
  ofTimes: ({ r, alpha, a, b }, { repeats: x, recency, age }) => {
    const silentAlive = -(r + x) * log(alpha + age);
    const left = log(a / (b + x)) - (r + x) * log(alpha + recency);
    return logAddExp(silentAlive, left);
  },
};
