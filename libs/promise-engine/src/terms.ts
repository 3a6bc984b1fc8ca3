import type { Reason } from '#libs/contracts';
import type { DisruptionView, Guarantee } from '#libs/guarantees';
import type { InstantMs } from '#libs/kernel';
import type { Judgement } from './judge.js';

/** A judgement as it is told at one decision. */
export type Told = Judgement & { readonly decidedAtMs: InstantMs };

/** A declared disruption `[fromMs, untilMs)`, as the log tells it up to here. */
export interface Disruption {
  readonly id: string;
  readonly fromMs: InstantMs;
  readonly untilMs: InstantMs;
  readonly effect: 'excuse' | 'excuse-if-caused' | 'pause' | 'extend';
  readonly scope: { matches(view: DisruptionView): boolean };
  readonly reason: string;
  /** Shard time at its record: within the correction window of a promise it counts for it. */
  readonly declaredAtMs: InstantMs;
  readonly withdrawnAtMs: InstantMs | null;
}

/** While ticks named a source (or one of its voices) as silent. */
export interface Silence {
  readonly source: string;
  readonly by: string | null;
  readonly fromMs: InstantMs;
  /** null: still silent. */
  readonly untilMs: InstantMs | null;
  /** In a log that was copied: as the subject's former shard heard of it. */
  readonly asHeardBy?: (subject: string) => Pick<Silence, 'fromMs' | 'untilMs'>;
}

/** The terms in force at one place of the log. */
export interface Terms {
  /** Active guarantees, all versions, in order of name and version. */
  readonly active: readonly Guarantee[];
  /** A version that some promise was opened under, active or not; null when it was never activated. */
  pinned(name: string, version: number, build: string): Guarantee | null;
  /** True when some active guarantee names the type; other types are no business of ours. */
  names(type: string): boolean;
  readonly disruptions: readonly Disruption[];
  readonly silences: readonly Silence[];
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
/** An undecided dead letter of a subject holds its verdict back so long. */
export const LETTER_HOLDS_MS = 7 * 86_400_000;
