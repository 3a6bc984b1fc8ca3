import { adaptMissRate, USUAL_MISS_RATE } from './adaptive-miss-rate.js';
import type { PromiseOutcome } from './overpromise-report.js';
import { advisePromise, type PromiseBasis } from './promise-quantile.js';

/** Older outcomes say too little of how it is now. */
const OUTCOMES_MAX = 500;

export interface PlannedPromise {
  /** Share of misses to plan with now: below the wanted one after misses, above it after a run without. */
  readonly missRate: number;
  /** What to promise now, in whole spoken units; null: too little is known. */
  readonly promise: number | null;
  readonly basis: PromiseBasis;
}

/**
 * What to promise next, so that the wanted share is kept though the process drifts: the miss rate follows each outcome
 * (adaptive conformal inference), the promise is the quantile of the newest outcomes at that rate.
 * @param outcomes oldest first; durations in any unit, that of `spokenUnit`
 */
export function planPromise(
  outcomes: readonly PromiseOutcome[],
  { reliability, spokenUnit, fallback = null }: PlanRequest,
): PlannedPromise {
  const policy = { ...USUAL_MISS_RATE, target: 1 - reliability };
  const missRate = outcomes.reduce(
    (rate, { promised, actual }) => adaptMissRate(rate, actual > promised, policy),
    policy.target,
  );
  const durations = outcomes.slice(-OUTCOMES_MAX).map(({ actual }) => actual);
  const { promise, basis } = advisePromise({ durations, reliability: 1 - missRate, spokenUnit, fallback });
  return { missRate, promise, basis };
}

export interface PlanRequest {
  /** 0..1 exclusive: the share of promises that shall be kept. */
  readonly reliability: number;
  readonly spokenUnit: number;
  /** What a wider key would promise. */
  readonly fallback?: number | null;
}
