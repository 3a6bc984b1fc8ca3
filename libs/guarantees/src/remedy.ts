import type { Interval, WorkingCalendar } from '#libs/calendar';
import type { Nature, RemedyKind } from '#libs/contracts';
import type { InstantMs, Money } from '#libs/kernel';
import type { Amount, Ratio, Rounding } from './expressions/amount.js';
import type { Place } from './guarantee.js';

/** What an expression of the remedies knows: the verdict and the claim. */
export interface VerdictScope {
  readonly base: Readonly<Record<string, Money>>;
  readonly facts: Readonly<Record<string, unknown>>;
  /** Exact once completed; with `settle: bands` an open breach is late by at least this. null: not known yet. */
  readonly latenessMs: number | null;
  /** Whole days late, where the guarantee counts days; null otherwise. */
  readonly latenessDays: number | null;
  readonly openedAtMs: InstantMs;
  readonly dueAtMs: InstantMs;
  readonly decidedAtMs: InstantMs;
  readonly completedAtMs: InstantMs | null;
  readonly cancelledAtMs: InstantMs | null;
  /** A failure was told: breached before or without lateness. */
  readonly failed: boolean;
  /** Re-promises accepted. */
  readonly rescheduled: number;
  readonly excuse: string | null;
  readonly pieces: { readonly count: number; readonly late: number } | null;
  readonly pauses: readonly (Interval & { readonly reason: string })[];
  readonly claim: Claim | null;
}

/** A claim as far as remedies may depend on it. `wants`: the kind that the claimant chose among those offered. */
export interface Claim {
  readonly atMs: InstantMs;
  readonly channel?: string;
  readonly wants?: string;
}

/** A compiled CEL expression over a verdict (base, facts, lateness …), used by remedies. Throws EvaluationError only. */
export interface VerdictExpression<T> {
  readonly text: string;
  readonly place: Place;
  /** It reads the lateness, which a breach has only once the thing was done: until then nothing is owed by it. */
  readonly needsLateness?: boolean;
  /** Names of the bases it reads. */
  readonly bases?: readonly string[];
  evaluate(scope: VerdictScope): T;
  /** The arithmetic in it, innermost first, for explanations. */
  steps?(scope: VerdictScope): ArithmeticStep[];
}

/** One operation of an amount: `given` in words, `result` as text. */
export interface ArithmeticStep {
  readonly text: string;
  readonly args: Readonly<Record<string, string | number>>;
}

/** A step of a tier list: of the tiers from the top the first that holds counts; the last one holds always. */
export interface Tier {
  readonly place: Place;
  readonly bound: { readonly test: 'over' | 'atLeast' | 'below'; readonly value: Ratio; readonly text: string } | null;
  /** Money, or a share of the tiers' base. */
  readonly amount: VerdictExpression<Amount> | null;
  readonly percent: VerdictExpression<Ratio> | null;
}

export interface Tiers {
  /** What is measured; null: the lateness, its bounds in milliseconds. */
  readonly measure: VerdictExpression<Ratio> | null;
  /** What percentages are taken of. */
  readonly of: VerdictExpression<Amount> | null;
  readonly list: readonly Tier[];
}

/** An amount for each local day from the one after due to the one before completion. */
export interface PerDay {
  readonly place: Place;
  /** The amount of one day: a rate of the table of that name, or an amount that is the same every day. */
  readonly rate: string | null;
  readonly amount: VerdictExpression<Amount> | null;
  /** Whether the rate is that of the day which accrues, or of the day of the opening. */
  readonly rateOn: 'day' | 'opening';
  /** The local day of due counts too (a promise to be done on a day, missed that day). */
  readonly countDueDay: VerdictExpression<boolean> | null;
  /** The local day of completion counts too. */
  readonly countLastDay: VerdictExpression<boolean> | null;
  /** Days that a pause of these reasons touches do not count. */
  readonly skip: readonly string[];
}

/** A period after a moment: in it something is to be done, by the end of its last local day. */
export interface DayLimit {
  readonly place: Place;
  readonly days: number | null;
  /** Days on which the remedies' calendar opens. */
  readonly workingDays: number | null;
  readonly months: number | null;
  /** Calendar months after that of the moment, to the end of the last. */
  readonly monthEnds: number | null;
  /** The moment; null: the default of its use. */
  readonly from: VerdictExpression<InstantMs | null> | null;
}

export interface ClaimTerms {
  readonly place: Place;
  /** null: always. Where it does not hold, remedies are granted without a claim too. */
  readonly required: VerdictExpression<boolean> | null;
  readonly within: DayLimit | null;
  /** The last instant at which it may be made; null: no such limit. */
  readonly until: VerdictExpression<InstantMs | null> | null;
  /** Who may claim; empty: anyone who may speak for the promise. */
  readonly by: readonly ('customer' | 'payer' | 'recipient')[];
}

/** Why a breach is recorded, but nothing is owed for it. */
export type ExemptionCode =
  'exempt_notice' | 'alternative_accepted' | 'cured' | 'excused' | 'suspended' | 'not_covered';

export interface Exemption {
  readonly code: ExemptionCode;
  readonly place: Place;
  readonly when: VerdictExpression<boolean>;
}

/** Local dates, both inclusive, in which nothing accrues and for whose dues nothing is owed. */
export interface Suspension {
  readonly from: string;
  readonly until: string;
  readonly place: Place;
  readonly when: VerdictExpression<boolean> | null;
}

/** Rates by date, ascending by `from` (local dates). */
export type RateTable = readonly { readonly from: string; readonly amount: Amount }[];

/** How lateness is told where the clock from due to completion is not what counts. */
export interface LatenessTerm {
  readonly when: VerdictExpression<boolean> | null;
  /** Whole days, as the operator or the calendar counts them. */
  readonly days: VerdictExpression<number> | null;
  /** Elapsed since this moment instead of since due. */
  readonly from: VerdictExpression<InstantMs | null> | null;
}

/** What a notice is told upon: a warning that names whom to tell, a later promise, or the warning of a disruption. */
export type NoticeOccasion = 'at-risk' | 're-promised' | 'disruption';

export interface Remedy {
  readonly id: string;
  readonly kind: RemedyKind;
  readonly place: Place;
  /** Last line of the remedy in the file, for explanations. */
  readonly endLine: number;
  readonly nature: Nature;
  readonly label: string | null;
  readonly when: VerdictExpression<boolean> | null;
  /** refund, credit, voucher: one of amount, tiers, perDay; exact, rounded once by the engine. */
  readonly amount: VerdictExpression<Amount> | null;
  readonly tiers: Tiers | null;
  readonly perDay: PerDay | null;
  readonly times: VerdictExpression<Ratio> | null;
  readonly maximum: VerdictExpression<Amount> | null;
  /** Paid from this amount on (atLeast), or only beyond it (over). */
  readonly minimum: { readonly test: 'over' | 'atLeast'; readonly amount: VerdictExpression<Amount> } | null;
  /** Overrides the guarantee's rounding; half_up and half-up are the same. */
  readonly rounding: VerdictExpression<string> | null;
  /** Name of the base that it gives back: what others gave back on it is taken off. */
  readonly base: string | null;
  /** One line for all promises of a group (phone and broadband on one line). */
  readonly isOncePerGroup: boolean;
  /** points: an integer; null otherwise. */
  readonly points: number | null;
  /** apology, notice: template's name; null otherwise. */
  readonly template: string | null;
  /** whom words go to; default customer. */
  readonly party: 'customer' | 'payer' | 'recipient';
  readonly payWithinMs: number | null;
  /** Payment by the end of a day counted from a moment (default: the decision). */
  readonly payBy: DayLimit | null;
  readonly expiresWithinMs: number | null;
  readonly item: string | null;
  /** Of a notice; null: it is none. */
  readonly upon: NoticeOccasion | null;
}

/** Everything in a guarantee that follows from its verdict. */
export interface RemedyTerms {
  /** `completion`: what needs the lateness waits for it. `bands`: an open breach is late by at least what is known. */
  readonly settle: 'completion' | 'bands';
  /** All lines that are owed, or the one that is worth most. */
  readonly combine: 'add' | 'best';
  readonly claim: ClaimTerms | null;
  readonly exempt: readonly Exemption[];
  readonly suspended: readonly Suspension[];
  readonly lateness: readonly LatenessTerm[];
  readonly rates: Readonly<Record<string, RateTable>>;
  readonly rounding: Rounding;
  /** Whole multiples of this many minor units are paid (TWD: 100); 1: every minor unit. */
  readonly payoutUnitMinor: number;
  /** The calendar in which working days of payments and claims count: the due's own, else Monday to Friday. */
  readonly calendar: WorkingCalendar;
}
