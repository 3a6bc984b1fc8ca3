import { clamp } from '../arithmetic.js';

export interface MissRatePolicy {
  /** Share of promises that may be late in the long run. */
  readonly target: number;
  /** How fast the rate answers to an outcome. */
  readonly stepSize: number;
  readonly lowest: number;
  readonly highest: number;
}

export const USUAL_MISS_RATE: MissRatePolicy = { target: 0.1, stepSize: 0.02, lowest: 0.001, highest: 0.5 };

/**
 * Adaptive conformal inference (Gibbs and Candès 2021): the miss rate to plan the next promise with, after one outcome. Late:
 * plan for fewer misses (longer promises); kept: for a few more. The long-run share of late ones tends to the target,
 * however the process drifts.
 */
export function adaptMissRate(current: number, late: boolean, policy: MissRatePolicy = USUAL_MISS_RATE): number {
  const { target, stepSize, lowest, highest } = policy;
  return clamp(current + stepSize * (target - (late ? 1 : 0)), lowest, highest);
}
