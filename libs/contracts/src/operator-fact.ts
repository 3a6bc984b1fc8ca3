import type { CloudEvent } from './cloud-event.js';
import type { Verdict } from './promise-event.js';

export const FACTS_BY_HAND = ['kept', 'failed', 'cancelled', 'excused', 'revoked'] as const;
export type FactByHand = (typeof FACTS_BY_HAND)[number];

/** `makegood.fact.entered`: a fact by hand, a decision on an unknown promise, an acknowledgement; source `makegood/operator`. */
export interface OperatorFactData {
  readonly promiseId: string;
  readonly as: FactByHand | 'decided' | 'acknowledged';
  /** decided: what it was decided to. */
  readonly verdict?: Verdict;
  /** revoked: id of the event that is taken back. */
  readonly of?: string;
  /** excused: code of the excuse. */
  readonly code?: string;
  readonly reason: string;
  /** Name of the operator's key. */
  readonly by: string;
}

export type OperatorFactEvent = CloudEvent<OperatorFactData>;
