import type { Interval, WorkingCalendar } from '#libs/calendar';
import type { InstantMs, Money } from '#libs/kernel';
import type { PromiseType } from '#libs/contracts';
import type { Holding } from './holding.js';
import type { Remedy, RemedyTerms } from './remedy.js';

/** What an expression over one event sees as `event`. `occurredAtMs` is the effective time of the fact. */
export interface FactView {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly occurredAtMs: InstantMs;
  readonly data: Readonly<Record<string, unknown>>;
  /** Extensions of the canonical event that expressions may read, e.g. `customersegment`. */
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** A line and column in the guarantee file, counted from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
  /** Where it stands in another file: that of a guarantee which this one extends. */
  readonly file?: string;
}

/** What an expression of the evidence may know of the promise that it speaks about: `due`, `openedAt`, `opening`. */
export interface PromiseView {
  readonly opening: FactView;
  readonly openedAtMs: InstantMs;
  readonly dueAtMs: InstantMs;
}

/**
 * A compiled CEL expression: pure, bounded, typed by what its use demands. Throws EvaluationError only. The promise is
 * given wherever one exists (evidence, excuses, warnings), never at an opening.
 */
export interface Expression<T> {
  readonly text: string;
  readonly place: Place;
  evaluate(fact: FactView, promise?: PromiseView): T;
}

/** Events of type `on` for which `when` holds tell the fact. */
export interface FactPattern {
  readonly on: string;
  readonly when: Expression<boolean> | null;
  readonly place: Place;
}

export interface Opens extends FactPattern {
  readonly covers: Expression<boolean> | null;
  readonly cycle: Expression<string> | null;
  /**
   * What a further opening does: `each` cycle key is a promise of its own; else openings are walked in order and one
   * that comes while the promise before it is open belongs to that one; one after its end is a reopening, which is
   * ignored, continues on what was left of the clock, or begins anew.
   */
  readonly onReopen: 'each' | 'ignore' | 'continue' | 'new-cycle';
  /** A reopening that is completed again within this time never happened. */
  readonly debounceMs: number;
  /** How many pieces must be there; null: one fact completes the promise. */
  readonly pieces: Expression<number> | null;
  /** null: nobody known, the promise is made to `anonymous:<subject>`. */
  readonly customer: Expression<string | null> | null;
  readonly payer: Expression<string | null> | null;
  readonly recipient: Expression<string | null> | null;
  readonly owner: Expression<string | null> | null;
  readonly group: Expression<string | null> | null;
  readonly refs: Readonly<Record<string, Expression<string | null>>>;
  readonly base: Readonly<Record<string, Expression<Money>>>;
  readonly facts: Readonly<Record<string, Expression<unknown>>>;
}

/** What has moved a deadline. Intervals are half-open, merged, sorted, with a known end. */
export interface ClockMoves {
  readonly pauses: readonly Interval[];
  /** Clock used up in the cycles before, for a promise that goes on after a reopening. */
  readonly spentMs: number;
  /** The re-promise in force: what was promised at `atMs`. Pauses before it count no more. */
  readonly repromised: { readonly atMs: InstantMs; readonly dueAtMs: InstantMs } | null;
  /** Business days (of the due's calendar, else Monday to Friday of its zone) on top, for pauses that cost whole days. */
  readonly businessDays: number;
  /** Elapsed time on top, by disruptions with the effect `extend`. */
  readonly extendMs: number;
}

export const UNMOVED: ClockMoves = { pauses: [], spentMs: 0, repromised: null, businessDays: 0, extendMs: 0 };

/** The due of an opening with the words of how it came about. */
export interface ComputedDue {
  readonly dueAtMs: InstantMs;
  /** Last instant that still keeps the promise: due, unless the guarantee tolerates lateness or judges by the minute or day. */
  readonly inTimeUntilMs: InstantMs;
  explain(): string;
}

/** Where a due is chosen by condition, `kind`, `place`, `calendar` and `judgedTo` are those of the last alternative. */
export interface Due {
  readonly kind: 'at' | 'within' | 'by';
  readonly place: Place;
  /** The calendar that it names: of working time, or of business days; null: none. */
  readonly calendar: WorkingCalendar | null;
  /** The same of the alternative that holds for this opening. */
  calendarFor(opening: FactView): WorkingCalendar | null;
  /** The unit of lateness; `business-day` counts open days of the calendar, each as 24 h. */
  readonly judgedTo: JudgedTo;
  /** null: this opening is promised nothing (no row in the table, no target). @throws EvaluationError */
  compute(opening: FactView, moves: ClockMoves): ComputedDue | null;
  /** Lateness from due to a completion after it, in the unit that the guarantee judges by (rounded down). */
  latenessMs(due: ComputedDue, completedAtMs: InstantMs): number;
  /** The instant of a warning: a share (0..1) of the clock used, or so much of it before due. */
  warnAtMs(opening: FactView, due: ComputedDue, moves: ClockMoves, point: WarnPoint): InstantMs;
  /**
   * Clock used between two instants, pauses left out: working time where the due counts it. The opening says which
   * clock where a due is chosen by condition; without it that of the last alternative counts.
   */
  usedMs(fromMs: InstantMs, untilMs: InstantMs, pauses: readonly Interval[], opening?: FactView): number;
}

export type JudgedTo = 'millisecond' | 'second' | 'minute' | 'day' | 'business-day';

export type WarnPoint = { readonly share: number } | { readonly beforeMs: number };

/** When a disruption is declared that touches the open promise. */
export interface DisruptionPoint {
  readonly disruption: true;
}

export interface Warning {
  /** Stable within the guarantee: `75%`, `PT2H`, `disruption`, or the event type. */
  readonly id: string;
  /** At a point of the clock, when a fact says so, or when a disruption is declared. */
  readonly point: WarnPoint | FactPattern | DisruptionPoint;
  /** Who is told besides the owner. */
  readonly tell: 'customer' | 'payer' | 'recipient' | null;
}

export interface KeptPattern extends FactPattern {
  /** Which piece this fact completes; without pieces null. */
  readonly piece: Expression<string | null> | null;
}

export interface PausePattern extends FactPattern {
  readonly reason: Expression<string> | null;
  /** Which pause it is, read from what begins and from what ends it; null: one at a time. */
  readonly key: Expression<string | null> | null;
  /** What ends it; without any it ends by `maxPauseMs` alone. */
  readonly until: readonly FactPattern[];
  /** `clock`: time stands. `business-day`: time runs on, and each started day of it moves the due by a business day. */
  readonly effect: 'clock' | 'business-day';
  readonly maxPauseMs: number;
}

export interface ReschedulePattern extends FactPattern {
  readonly to: Expression<InstantMs>;
  /** With less notice before the due in force it is recorded and changes nothing. */
  readonly noticeAtLeastMs: number;
}

export interface ExcuseTerm {
  readonly code: string;
  readonly place: Place;
  /** The event that excuses; null for declared disruptions. */
  readonly pattern: FactPattern | null;
  /** Declared disruptions count under this code. */
  readonly disruption: boolean;
  /** The disruption that the event of `pattern` names as the cause, for those that excuse only what they caused. */
  readonly names: Expression<string | null> | null;
  /** Lateness beyond this is answered for again; null: no bound. */
  readonly budgetMs: number | null;
}

export interface EvidenceTerms {
  readonly kept: readonly KeptPattern[];
  readonly cancelled: readonly FactPattern[];
  /** Breaches at once, before due and without allowance; a kept fact in time takes it back. */
  readonly failed: readonly FactPattern[];
  readonly rescheduled: readonly ReschedulePattern[];
  /** So many re-promises are accepted; null: any number. */
  readonly rescheduledAtMost: number | null;
  /** Liability for the first deadline once there was a re-promise: nil moves the due, otherwise the first stays due. */
  readonly firstLiability: 'nil' | 'reduced' | 'full';
  readonly paused: readonly PausePattern[];
  /** Takes back the fact with that event id, of the same source. */
  readonly revoked: readonly (FactPattern & { readonly of: Expression<string> })[];
  readonly owned: readonly (FactPattern & { readonly owner: Expression<string | null> })[];
  /** Facts of the promise learned after its opening; the latest by `occurredAt` counts. */
  readonly learned: readonly (FactPattern & { readonly facts: Readonly<Record<string, Expression<unknown>>> })[];
  /** `opened`: a kept fact before the opening does not count. */
  readonly keptAfter: 'any' | 'opened';
  /** Sources that could bring the evidence: while one is silent there is no breach. `by` is read from the opening. */
  readonly sources: readonly { readonly source: string; readonly by: Expression<string | null> | null }[];
  readonly unknownAtMostMs: number;
  /** After a silent source is back, this and the allowance pass before a breach. */
  readonly resumeGraceMs: number;
  readonly allowanceMs: number;
  readonly correctionMs: number;
  readonly completionLimitMs: number;
}

/** Steps of lateness at which an open breach is told again: listed, or one `everyMs` until `untilMs`. Ascending, from due. */
export type Bands = readonly number[];

/** A guarantee file, compiled: everything that verdicts and remedies follow. Immutable. */
export interface Guarantee {
  readonly name: string;
  readonly version: number;
  readonly title: string;
  readonly file: string;
  /** SHA-256 of the file's text, hexadecimal. */
  readonly hash: string;
  readonly promiseType: PromiseType;
  readonly currency: string;
  readonly timeZone: string;
  readonly source: string | null;
  readonly mode: 'live' | 'shadow';
  readonly announce: 'all' | 'consequences';
  readonly effectiveFromMs: InstantMs | null;
  /** SHA-256 over this file and all it was compiled with (calendars, zones, tables, what it extends): what a promise pins. */
  readonly build: string;
  /** Among guarantees of one family that cover an opening: all open a promise, or the first by rank alone. */
  readonly family: { readonly name: string; readonly choose: 'all' | 'first'; readonly rank: number };
  /** An opening learned of later than this is reported and its lines are held; null: never too late. */
  readonly openWithinMs: number | null;
  readonly opens: Opens;
  readonly due: Due;
  readonly evidence: EvidenceTerms;
  readonly excuses: readonly ExcuseTerm[];
  readonly warnings: readonly Warning[];
  readonly bands: Bands;
  readonly remedies: readonly Remedy[];
  readonly holding: Holding;
  readonly remedyTerms: RemedyTerms;
  /** Every event type that this guarantee names. */
  readonly factTypes: ReadonlySet<string>;
}

/** An expression met a value that it cannot work with: told with its place, never a crash of the service. */
export class EvaluationError extends Error {
  constructor(
    message: string,
    readonly place: Place,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'EvaluationError';
  }
}
