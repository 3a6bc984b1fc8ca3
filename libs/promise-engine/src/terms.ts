import type { Reason } from '#libs/contracts';
import type { Guarantee } from '#libs/guarantees';
import type { InstantMs } from '#libs/kernel';
import type { Judgement } from './judge.js';

/** A judgement as it is told at one decision. */
export type Told = Judgement & { readonly decidedAtMs: InstantMs };

/** The terms in force at one place of the log. */
export interface Terms {
  /** Active guarantees, all versions, in order of name and version. */
  readonly active: readonly Guarantee[];
  /** A version that some promise was opened under, active or not; null when it was never activated. */
  pinned(name: string, version: number): Guarantee | null;
  /** True when some active guarantee names the type; other types are no business of ours. */
  names(type: string): boolean;
  /** The verdict in words. */
  explain(
    guarantee: Guarantee,
    told: Told,
  ): { readonly explanation: readonly string[]; readonly reasons: readonly Reason[] };
}

/** Facts of a promise that has not been opened wait so long, measured from their receipt. */
export const ORPHAN_WAIT_MS = 14 * 86_400_000;
/** More facts on one subject are an error of the source and go to operations. */
export const FACTS_PER_SUBJECT_MAX = 256;
/** A source's clock may run ahead so far before the fact is flagged. */
export const SKEW_TOLERANCE_MS = 2 * 60_000;
