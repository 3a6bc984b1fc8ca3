import { clamp, sum } from '../arithmetic.js';
import { atRank, coveringRank } from './promise-quantile.js';

/** One settled promise: durations from the moment it was given, same unit. `promised` above 0. */
export interface PromiseOutcome {
  readonly promised: number;
  readonly actual: number;
}

export type PromiseVerdict = 'overpromising' | 'padding' | 'calibrated_or_unknown';

/** How honest the promises of one key are. Durations are in the unit of the outcomes. */
export interface OverpromiseReport {
  readonly count: number;
  readonly kept: number;
  readonly keptRate: number;
  /** 95 % interval of the kept rate (Wilson). */
  readonly keptRateBounds: readonly [number, number];
  /** How much longer promises should have been; negative: how much they are padded. */
  readonly gap: number;
  readonly medianSlack: number;
  /** Lateness of the late ones; 0 when none was late. */
  readonly medianLateness: number;
  readonly p90Lateness: number;
  /** Mean quantile loss of the promises at the wanted reliability. */
  readonly pinballLoss: number;
  readonly medianActualToPromised: number;
  readonly verdict: PromiseVerdict;
  /** The history is long enough for the gap to hold; otherwise it is the worst seen. */
  readonly enough: boolean;
}

/** Two-sided 95 %. */
const Z_95 = 1.959963984540054;

/** Wilson's 95 % interval of a share. */
export function wilsonBounds(successes: number, trials: number): [number, number] {
  if (trials === 0) return [0, 1];
  const rate = successes / trials;
  const spread = Z_95 ** 2 / trials;
  const middle = (rate + spread / 2) / (1 + spread);
  const half = (Z_95 * Math.sqrt((rate * (1 - rate)) / trials + spread / (4 * trials))) / (1 + spread);
  return [clamp(middle - half, 0, 1), clamp(middle + half, 0, 1)];
}

/** Quantile by linear interpolation between the two nearest values (the usual type 7); 0 for no values. */
export function quantile(values: readonly number[], share: number): number {
  const ascending = [...values].sort((a, b) => a - b);
  const place = (ascending.length - 1) * share;
  const below = ascending[Math.floor(place)] ?? 0;
  const above = ascending[Math.ceil(place)] ?? below;
  return below + (place - Math.floor(place)) * (above - below);
}

/**
 * Do we promise more than we keep? Null without outcomes.
 * @param reliability the share of promises that was meant to be kept, 0..1 exclusive
 */
export function overpromiseReport(outcomes: readonly PromiseOutcome[], reliability: number): OverpromiseReport | null {
  const count = outcomes.length;
  if (count === 0) return null;
  const overruns = outcomes.map(({ promised, actual }) => actual - promised);
  const lateness = overruns.filter((overrun) => overrun > 0);
  const kept = count - lateness.length;
  const keptRateBounds = wilsonBounds(kept, count);
  const rank = coveringRank(count, reliability);
  const losses = overruns.map((overrun) => (overrun > 0 ? reliability * overrun : (reliability - 1) * overrun));
  return {
    count,
    kept,
    keptRate: kept / count,
    keptRateBounds,
    gap: atRank(overruns, Math.min(rank, count)) ?? 0,
    medianSlack: quantile(overruns, 0.5),
    medianLateness: quantile(lateness, 0.5),
    p90Lateness: quantile(lateness, 0.9),
    pinballLoss: sum(losses) / count,
    medianActualToPromised: quantile(
      outcomes.map(({ promised, actual }) => actual / promised),
      0.5,
    ),
    verdict: verdictOf(keptRateBounds, reliability),
    enough: rank <= count,
  };
}

/** A verdict only where the interval excludes the wanted reliability. */
function verdictOf([lower, upper]: readonly [number, number], reliability: number): PromiseVerdict {
  if (upper < reliability) return 'overpromising';
  return lower > reliability ? 'padding' : 'calibrated_or_unknown';
}
