import type { PromiseType, RemedyKind } from '#libs/contracts';
import type { InstantMs, Money } from '#libs/kernel';
import type { Days, LoyaltyState, Tier } from '#libs/loyalty-model';

export type Outcome = 'kept' | 'breached' | 'excused' | 'cancelled';
export const OUTCOMES: readonly Outcome[] = ['kept', 'breached', 'excused', 'cancelled'];

/** What the event with the highest sequence says of a promise. */
export interface KnownVerdict {
  readonly sequence: number;
  readonly promiseType: PromiseType;
  readonly guarantee: string;
  readonly subject: string;
  readonly openedAtMs: InstantMs;
  readonly dueAtMs: InstantMs;
  readonly decidedAtMs: InstantMs;
  /** null: no verdict yet. */
  readonly outcome: Outcome | null;
  readonly completedAtMs: InstantMs | null;
  /** Nothing can change any more: a breach without completion was never made good by doing. */
  readonly final: boolean;
  /** What the promise was about, the largest base per currency: what a compensation is measured against. */
  readonly lossMinor: Readonly<Record<string, number>>;
}

/** What the event with the highest lineSequence says of a line. */
export interface KnownLine {
  readonly lineSequence: number;
  readonly kind: RemedyKind;
  /** False once cancelled. A line being recalled stands: finance may have paid it. */
  readonly standing: boolean;
  /** When it was asked of finance or sent; null while only a later event of the line is known. */
  readonly requestedAtMs: InstantMs | null;
  /** Points are an amount of XPT; words have none. */
  readonly amount: Money | null;
}

export interface KnownPromise {
  readonly verdict: KnownVerdict | null;
  /** When the first breach was decided, the least over all events (of any sequence), and that event's sequence. */
  readonly broken: { readonly decidedAtMs: InstantMs; readonly sequence: number } | null;
  readonly lines: Readonly<Record<string, KnownLine>>;
}

export interface Counts {
  readonly kept: number;
  readonly missed: number;
  readonly excused: number;
  readonly cancelled: number;
  readonly open: number;
  /** Minor units received per currency (XPT: points). */
  readonly compensationMinor: Readonly<Record<string, number>>;
}

/** Older promises, folded: they can no longer be corrected (summarise.ts). */
export interface Summary {
  /** Model events up to this day are in `state`. */
  readonly throughDay: Days;
  readonly state: LoyaltyState;
  readonly tier: Tier | null;
  readonly counts: Counts;
}

/**
 * All that is known of a customer, and nothing derived: every part is a maximum, a minimum or a union of what events say,
 * so that neither their order, nor copies, nor the interleaving of topics can be seen in it. Plain JSON, one database row.
 */
export interface CustomerDocument {
  /** The latest decision time of what is known: scores are told as of then. */
  readonly asOfMs: InstantMs;
  /** The first opening of a promise to this customer; null while only lines are known. */
  readonly sinceMs: InstantMs | null;
  readonly promises: Readonly<Record<string, KnownPromise>>;
  readonly summary: Summary | null;
}

export const EMPTY_DOCUMENT: CustomerDocument = { asOfMs: 0, sinceMs: null, promises: {}, summary: null };
export const UNKNOWN_PROMISE: KnownPromise = { verdict: null, broken: null, lines: {} };
