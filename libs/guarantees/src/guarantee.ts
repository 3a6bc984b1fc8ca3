import type { InstantMs, Money } from '#libs/kernel';
import type { Nature, PromiseType, RemedyKind } from '#libs/contracts';

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
}

/** A compiled CEL expression: pure, bounded, typed by what its use demands. Throws EvaluationError only. */
export interface Expression<T> {
  readonly text: string;
  readonly place: Place;
  evaluate(fact: FactView): T;
}

/** A compiled CEL expression over a settled verdict (base, facts, lateness …), used by remedies. */
export interface VerdictExpression<T> {
  readonly text: string;
  readonly place: Place;
  /** It reads the lateness, which a breach has only once the thing was done: until then nothing is owed by it. */
  readonly needsLateness?: boolean;
  evaluate(scope: VerdictScope): T;
}

export interface VerdictScope {
  readonly base: Readonly<Record<string, Money>>;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly latenessMs: number | null;
  readonly dueAtMs: InstantMs;
  readonly completedAtMs: InstantMs | null;
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

/** The due of an opening with the words of how it came about. Inclusive: kept means `occurredAt <= dueAtMs`. */
export interface ComputedDue {
  readonly dueAtMs: InstantMs;
  readonly explanation: string;
}

export interface Due {
  readonly kind: 'at' | 'within' | 'by';
  readonly place: Place;
  compute(opening: FactView): ComputedDue;
}

export interface EvidenceTerms {
  readonly kept: readonly FactPattern[];
  readonly cancelled: readonly FactPattern[];
  /** `opened`: a kept fact before the opening does not count. */
  readonly keptAfter: 'any' | 'opened';
  readonly allowanceMs: number;
  readonly correctionMs: number;
  readonly completionLimitMs: number;
}

export interface Remedy {
  readonly id: string;
  readonly kind: RemedyKind;
  readonly place: Place;
  /** Last line of the remedy in the file, for explanations. */
  readonly endLine: number;
  readonly nature: Nature;
  readonly label: string | null;
  readonly when: VerdictExpression<boolean> | null;
  /** refund, credit, voucher: money; null otherwise. */
  readonly amount: VerdictExpression<Money> | null;
  /** points: an integer; null otherwise. */
  readonly points: number | null;
  /** apology, notice: template's name; null otherwise. */
  readonly template: string | null;
  /** whom words go to; default customer. */
  readonly party: 'customer' | 'payer' | 'recipient';
  readonly payWithinMs: number | null;
  readonly expiresWithinMs: number | null;
  readonly item: string | null;
}

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
  readonly opens: Opens;
  readonly due: Due;
  readonly evidence: EvidenceTerms;
  readonly remedies: readonly Remedy[];
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
