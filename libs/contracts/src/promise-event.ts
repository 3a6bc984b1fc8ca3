import type { Money } from '#libs/kernel';
import type { CloudEvent } from './cloud-event.js';

export type PromiseType = 'reservation' | 'response' | 'waiting' | 'service' | 'delivery';

/** States of a promise (docs/glossary.md); `final` is a flag of its end, told by `makegood.promise.finalized`. */
export type PromiseState =
  | 'open'
  | 'paused'
  | 'at-risk'
  | 'overdue'
  | 'unknown'
  | 'breached'
  | 'completed-late'
  | 'kept'
  | 'excused'
  | 'retracted'
  | 'cancelled'
  | 'final';

export type Verdict = 'kept' | 'breached' | 'excused' | 'cancelled';

export const PROMISE_EVENT_PREFIX = 'makegood.promise.';
export type PromiseEventKind =
  | 'opened'
  | 'at-risk'
  | 'overdue'
  | 'unknown'
  | 'paused'
  | 'resumed'
  | 'rescheduled'
  | 'due-changed'
  | 'owner-changed'
  | 'kept'
  | 'breached'
  | 'band-crossed'
  | 'completed-late'
  | 'excused'
  | 'retracted'
  | 'reinstated'
  | 'cancelled'
  | 'finalized';

/** Who the customer is, who gets the money (default: the customer), whom the promise was also made to. */
export interface Parties {
  readonly customer: string;
  readonly payer?: string;
  readonly recipient?: string;
}

/** One fact that the verdict rests on. Instants are RFC 3339 UTC with milliseconds. */
export interface Evidence {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly occurredAt: string;
  readonly receivedAt: string;
  /** e.g. CLOCK_SKEW: the source's clock ran ahead and `occurredAt` was taken back to `receivedAt`. */
  readonly flag?: string;
}

/** A reason in words with its code and typed arguments, so that the edge can say it in the reader's language. */
export interface Reason {
  readonly code: string;
  readonly args: Readonly<Record<string, string | number>>;
}

/** `data` of every `makegood.promise.*` event: the whole verdict, so that the highest `sequence` is all one needs. */
export interface PromiseEventData {
  readonly promiseId: string;
  /** 1, 2, 3 …: counts what was announced; (promiseId, sequence) is always byte for byte the same event. */
  readonly sequence: number;
  readonly guarantee: string;
  readonly guaranteeVersion: number;
  readonly mode: 'live' | 'shadow';
  readonly promiseType: PromiseType;
  readonly subject: string;
  readonly cycle: string;
  readonly customer: string;
  readonly parties: Parties;
  readonly refs: Readonly<Record<string, string>>;
  readonly group?: string;
  readonly owner?: string;
  readonly state: PromiseState;
  readonly verdict: Verdict | null;
  readonly openedAt: string;
  readonly dueAt: string;
  readonly completedAt?: string;
  readonly decidedAt: string;
  readonly latenessMs?: number;
  readonly breachId?: string;
  readonly band?: string;
  readonly excuse?: string;
  /** Amounts named by the guarantee at the opening, for remedies to refer to. */
  readonly base: Readonly<Record<string, Money>>;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly evidence: readonly Evidence[];
  readonly explanation: readonly string[];
  readonly reasons: readonly Reason[];
}

export type PromiseEvent = CloudEvent<PromiseEventData>;
