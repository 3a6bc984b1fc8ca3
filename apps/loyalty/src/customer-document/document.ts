import type { PromiseType, RemedyKind } from '#libs/contracts';
import type { InstantMs, Money } from '#libs/kernel';
import type { Days, LoyaltyState, ModelEvent, Tier } from '#libs/loyalty-model';

export type Outcome = 'kept' | 'breached' | 'excused' | 'cancelled';
export const OUTCOMES: readonly Outcome[] = ['kept', 'breached', 'excused', 'cancelled'];

/** What the event with the highest sequence says of a promise. */
export interface KnownVerdict {
  readonly sequence: number;
  readonly promiseType: PromiseType;
  readonly guarantee: string;
  readonly subject: string;
  /** Person or team who answered for it. */
  readonly owner?: string;
  /** Of a trial: which arm the guarantee's fact `arm` put it into, such as `hold-out`. */
  readonly arm?: string;
  /** How much it weighs, from the guarantee's fact `importance`; 1 where there is none. */
  readonly importance?: number;
  /** The last promise of a visit or an order, from the guarantee's fact `end`. */
  readonly end?: boolean;
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
  /** The words that went along tell what happened and why. */
  readonly explained?: boolean;
}

/** A deadline as an event told it. */
export interface ToldDue {
  readonly sequence: number;
  readonly dueAtMs: InstantMs;
}

export interface KnownPromise {
  readonly verdict: KnownVerdict | null;
  /** When the first breach was decided, the least over all events (of any sequence), and that event's sequence. */
  readonly broken: { readonly decidedAtMs: InstantMs; readonly sequence: number } | null;
  /** The deadline that was told first. */
  readonly first: ToldDue | null;
  /** The first re-promise: what the customer was told instead, and when. */
  readonly moved: (ToldDue & { readonly atMs: InstantMs }) | null;
  readonly lines: Readonly<Record<string, KnownLine>>;
  /** When the customer claimed; from then on making good was no longer the house's own idea. */
  readonly claimedAtMs?: InstantMs;
}

/** What became of a line once it was asked for. */
export interface KnownSettlement {
  readonly lineSequence: number;
  readonly result: 'settled' | 'failed' | 'reversed' | 'unclaimed';
  readonly atMs: InstantMs;
}

/** An event of the model as a signal told it; its id is the signal's key, its times are milliseconds. */
export type SignalledEvent = ModelEvent extends infer E ? (E extends unknown ? Omit<E, 'id'> : never) : never;

/** What the highest revision of a signal told the model. */
export interface KnownSignal {
  readonly revision: number;
  readonly events: readonly SignalledEvent[];
}

/** The last `customer.updated`: what bears on contacting the customer. Names and addresses are not kept here. */
export interface Profile {
  readonly atMs: InstantMs;
  readonly timeZone?: string;
  readonly locale?: string;
  readonly segment?: string;
  readonly optOut: readonly string[];
}

/** This customer turned out to be another one, who has the history. */
export interface MergedInto {
  readonly customer: string;
  readonly atMs: InstantMs;
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

/** Older history, folded: it can no longer be corrected (summarise.ts). */
export interface Summary {
  /** Model events up to this day are in `state`. */
  readonly throughDay: Days;
  readonly state: LoyaltyState;
  readonly tier: Tier | null;
  readonly counts: Counts;
  /** Customers whose summaries were taken over: each once. */
  readonly includes: readonly string[];
}

/**
 * All that is known of a customer, and nothing derived: every part is a maximum, a minimum or a union of what events say,
 * so that neither their order, nor copies, nor the interleaving of topics can be seen in it. Plain JSON, one database row.
 */
export interface CustomerDocument {
  /** The latest time of what is known: scores are told as of then. */
  readonly asOfMs: InstantMs;
  /** The first opening of a promise to this customer; null while only lines and signals are known. */
  readonly sinceMs: InstantMs | null;
  readonly promises: Readonly<Record<string, KnownPromise>>;
  readonly signals: Readonly<Record<string, KnownSignal>>;
  readonly settlements: Readonly<Record<string, KnownSettlement>>;
  readonly profile: Profile | null;
  readonly mergedInto: MergedInto | null;
  /** Customers who turned out to be this one, sorted. */
  readonly mergedFrom: readonly string[];
  readonly summary: Summary | null;
  /** When an earlier record of this customer was erased. */
  readonly erasedAtMs?: InstantMs;
}

export const EMPTY_DOCUMENT: CustomerDocument = {
  asOfMs: 0,
  sinceMs: null,
  promises: {},
  signals: {},
  settlements: {},
  profile: null,
  mergedInto: null,
  mergedFrom: [],
  summary: null,
};
export const UNKNOWN_PROMISE: KnownPromise = { verdict: null, broken: null, first: null, moved: null, lines: {} };

/** A document as stored; parts that it was written without are empty. */
export function documentOf(stored: Partial<CustomerDocument>): CustomerDocument {
  return { ...EMPTY_DOCUMENT, ...stored };
}
