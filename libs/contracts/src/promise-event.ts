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
  /** Of an open breach whose guarantee has bands: the number of the last one crossed, "0" at the breach itself. */
  readonly band?: string;
  /** With `band`: late by at least this much (the band's threshold and a millisecond). */
  readonly lateSoFarMs?: number;
  /** Code of the excuse, and the declared disruption where that is the reason; of `at-risk`: which it warns of. */
  readonly excuse?: string;
  readonly disruption?: string;
  /** What failed the promise before or after its due, and what cancelled it. */
  readonly failedAt?: string;
  readonly cancelledAt?: string;
  /** Several pieces under one promise: how many must be there, are there, and were late. */
  readonly pieces?: { readonly count: number; readonly completed: number; readonly late: number };
  /** The due as first promised, once there was a re-promise. */
  readonly firstDueAt?: string;
  readonly pauses?: readonly { readonly from: string; readonly until?: string; readonly reason: string }[];
  /** With `at-risk`: which warning, and who is told besides the owner. */
  readonly warning?: { readonly id: string; readonly tell?: 'customer' | 'payer' | 'recipient' };
  /** Why this step: `superseded`, `max-pause`, `open-again`, or the reason of the pause. */
  readonly reason?: string;
  /** e.g. OPENED_TOO_LATE: the opening was learned of later than the guarantee allows. */
  readonly flags?: readonly string[];
  /** Amounts named by the guarantee at the opening, for remedies to refer to. */
  readonly base: Readonly<Record<string, Money>>;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly evidence: readonly Evidence[];
  readonly explanation: readonly string[];
  readonly reasons: readonly Reason[];
}

export type PromiseEvent = CloudEvent<PromiseEventData>;
