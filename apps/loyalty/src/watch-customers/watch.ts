import type { InstantMs } from '#libs/kernel';
import { CALM, type NextGesture, type RiskWatch } from '#libs/loyalty-model';

/**
 * What the service has said of a customer beside the score, so that it says it once. Not part of what is known: scores do
 * not depend on it.
 */
export interface Watch {
  readonly risk: RiskWatch;
  /** Failed recoveries that were alerted. */
  readonly failures: number;
  /** The suggestion that stands. */
  readonly gesture: { readonly name: NextGesture; readonly atMs: InstantMs } | null;
  /** When a contact to please was last suggested. */
  readonly pleasedAtMs: InstantMs | null;
  /** As of when passing time was last looked at: deadlines up to then are told. */
  readonly seenAtMs: InstantMs;
}

export const NOTHING_SAID: Watch = {
  risk: CALM,
  failures: 0,
  gesture: null,
  pleasedAtMs: null,
  seenAtMs: 0,
};
