import { silenceFactor, type LogLikelihood, type BuyTillYouDieParameters, type PurchaseHistory } from './mbg-nbd.js';
import { hypergeometric, logAddExp, logGamma } from './special-functions.js';

const { log } = Math;

/** BG/NBD (Fader, Hardie, Lee 2005), the yardstick: a customer may leave only after a repeat purchase. */
export function bgAlive(parameters: BuyTillYouDieParameters, history: PurchaseHistory): number {
  return 1 / (1 + oddsOfHavingLeft(parameters, history));
}

function oddsOfHavingLeft(parameters: BuyTillYouDieParameters, history: PurchaseHistory): number {
  const { a, b } = parameters;
  if (history.repeats === 0) return 0;
  return (a / (b + history.repeats - 1)) * silenceFactor(parameters, history);
}

export const BG_LIKELIHOOD: LogLikelihood = {
  ofRepeats: ({ r, alpha, a, b }, x) =>
    logGamma(r + x) -
    logGamma(r) +
    r * log(alpha) +
    logGamma(a + b) +
    logGamma(b + x) -
    logGamma(b) -
    logGamma(a + b + x),
  ofTimes: ({ r, alpha, a, b }, { repeats: x, recency, age }) => {
    const silentAlive = -(r + x) * log(alpha + age);
    if (x === 0) return silentAlive;
    const left = log(a / (b + x - 1)) - (r + x) * log(alpha + recency);
    return logAddExp(silentAlive, left);
  },
};

/** a = 1 is a removable gap of the expectations; this far from it the formula is sound again. */
const GAP = 1e-6;

function awayFromOne(a: number): number {
  return Math.abs(a - 1) < GAP ? 1 + GAP : a;
}

/**
 * Purchases expected of this customer within `duration` (unit of the parameters) from the time of observation. The published
 * formula after Euler's transformation, so that many repeats do not overflow.
 */
export function bgExpectedPurchases(
  parameters: BuyTillYouDieParameters,
  history: PurchaseHistory,
  duration: number,
): number {
  const { r, alpha, b } = parameters;
  const a = awayFromOne(parameters.a);
  const x = history.repeats;
  const z = duration / (alpha + history.age + duration);
  const series = hypergeometric(a + b - 1 - r, a - 1, a + b + x - 1, z);
  const ifAlive = ((a + b + x - 1) / (a - 1)) * (1 - (1 - z) ** (a - 1) * series);
  return ifAlive / (1 + oddsOfHavingLeft(parameters, history));
}

/** Repeat purchases expected of a random new customer within `duration` of the first purchase. */
export function bgExpectedOfNewCustomer(parameters: BuyTillYouDieParameters, duration: number): number {
  return bgExpectedPurchases(parameters, { repeats: 0, recency: 0, age: 0 }, duration);
}
