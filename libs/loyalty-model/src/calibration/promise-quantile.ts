/** Guards the rank against a product such as 10 · 0.9 that comes out a hair above the whole number. */
const RANK_SLACK = 1e-12;
const UNIT_SLACK = 1e-9;

/** Where a promise came from: the key's own history, a wider key's promise, or nowhere (too little is known). */
export type PromiseBasis = 'own' | 'parent' | 'insufficient';

export interface AdvisedPromise {
  readonly historySize: number;
  /** The duration in place `rank` (from 1, ascending) keeps the promise often enough. */
  readonly rank: number;
  readonly exact: number | null;
  /** `exact` rounded up to the spoken unit, or the fallback, or null. */
  readonly promise: number | null;
  readonly basis: PromiseBasis;
}

export interface QuantileRequest {
  /** Past durations of the same kind of promise, any order. */
  readonly durations: readonly number[];
  /** 0..1 exclusive: the share of promises that shall be kept. */
  readonly reliability: number;
  /** Promises are spoken in multiples of this (5 minutes, an hour); same unit as the durations. */
  readonly spokenUnit: number;
  /** The promise of the wider key or the tenant, for when the own history is too short. */
  readonly fallback?: number | null;
}

/** Place of the duration that a promise must cover, from `historySize` past ones; beyond the history: too little is known. */
export function coveringRank(historySize: number, reliability: number): number {
  return Math.ceil((historySize + 1) * reliability - RANK_SLACK);
}

/** Fewest past durations from which a promise of this reliability can be given. */
export function historyNeeded(reliability: number): number {
  return Math.ceil(reliability / (1 - reliability) - UNIT_SLACK);
}

/**
 * The shortest honest promise (split conformal prediction): while the future is like the past, it is kept with at least the
 * wanted reliability, whatever the distribution.
 */
export function advisePromise(request: QuantileRequest): AdvisedPromise {
  const { durations, reliability, spokenUnit, fallback = null } = request;
  const historySize = durations.length;
  const rank = coveringRank(historySize, reliability);
  const exact = rank > historySize ? null : atRank(durations, rank);
  if (exact === null) {
    const basis = fallback === null ? 'insufficient' : 'parent';
    return { historySize, rank, exact, promise: fallback, basis };
  }
  const promise = Math.ceil(exact / spokenUnit - UNIT_SLACK) * spokenUnit;
  return { historySize, rank, exact, promise, basis: 'own' };
}

/** The value in the given place (from 1) of the ascending order; null when there is none. */
export function atRank(values: readonly number[], rank: number): number | null {
  return [...values].sort((a, b) => a - b)[rank - 1] ?? null;
}
