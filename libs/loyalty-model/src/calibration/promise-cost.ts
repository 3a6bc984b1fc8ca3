import { trace } from '../fold.js';
import type { ModelEvent, PromiseKind } from '../model-event.js';
import { DEFAULT_RULESET, type Ruleset } from '../parameters.js';

export interface PromiseCost {
  /** In the unit of the durations. */
  readonly promised: number;
  /** Share of the past that would have been kept. */
  readonly keptRate: number;
  /** Points that each such promise costs in the mean: a customer of whom nothing else is known, no recovery. */
  readonly pointsLost: number;
}

/**
 * What promising a term costs in loyalty, by the past. Set it beside what a shorter term wins: the least sum is the advice.
 * @param durations past durations; Infinity: never done @param tolerance one unit of lateness, same unit
 */
export function promiseCost(
  durations: readonly number[],
  promised: number,
  { tolerance, kind }: { readonly tolerance: number; readonly kind: PromiseKind },
  rules: Ruleset = DEFAULT_RULESET,
): PromiseCost {
  const lateness = durations.map((duration) => (duration - promised) / tolerance);
  const broken = lateness.filter((each) => each > rules.feeling.toleranceZone);
  const lost = broken.reduce((sum, each) => sum + pointsLostBy(each, kind, rules), 0);
  const count = Math.max(1, durations.length);
  return { promised, keptRate: 1 - broken.length / count, pointsLost: lost / count };
}

/** By one promise so many tolerances late; Infinity: never done. */
function pointsLostBy(lateness: number, kind: PromiseKind, rules: Ruleset): number {
  const actualAt = lateness === Infinity ? null : 1 + Math.min(lateness, rules.feeling.furthestTolerances);
  const at = actualAt ?? 1;
  const events: ModelEvent[] = [
    { id: 'a', type: 'customer.joined', at: 0 },
    { id: 'b', type: 'promise.settled', at, promiseId: 'p', kind, madeAt: 0, dueAt: 1, actualAt, tolerance: 1 },
  ];
  return -(trace(events, at, rules).steps.at(-1)?.delta ?? 0);
}
