import type { Money } from '#libs/kernel';
import type { CloudEvent } from './cloud-event.js';
import type { Parties, Reason } from './promise-event.js';

export type RemedyKind = 'refund' | 'credit' | 'voucher' | 'points' | 'apology' | 'notice' | 'gift' | 'callback';

export type Nature = 'price-reduction' | 'damages' | 'goodwill' | 'penalty';
export type LineAction = 'requested' | 'cancelled' | 'recall-requested';
export type CompensationNotice = 'held' | 'approved' | 'rejected' | 'settled' | 'failed' | 'reversed' | 'unclaimed';

export interface TaxShare {
  readonly code: string;
  readonly rateMicros: number;
  readonly amountMinor: number;
}

/** `data` of `makegood.<kind>.{requested,cancelled,recall-requested}`. */
export interface LineEventData {
  readonly compensationId: string;
  readonly lineId: string;
  /** Rises with every event of the line: consumers ignore a lower one. */
  readonly lineSequence: number;
  readonly breachId: string;
  readonly promiseId: string;
  readonly guarantee: string;
  readonly guaranteeVersion: number;
  readonly subject: string;
  readonly customer: string;
  readonly parties: Parties;
  readonly refs: Readonly<Record<string, string>>;
  readonly group?: string;
  readonly nature: Nature;
  readonly label?: string;
  /** Exactly one way out: `topic`, `webhook:<name>` or `export:<name>`. */
  readonly route: string;
  readonly explanation: readonly string[];
  readonly reasons: readonly Reason[];
  /** The lineId: finance pays a key at most once. */
  readonly idempotencyKey: string;
  /** refund, credit, voucher */
  readonly amount?: Money;
  readonly tax?: readonly TaxShare[];
  readonly payBy?: string;
  readonly expiresAt?: string;
  /** points */
  readonly points?: number;
  /** apology, notice */
  readonly locale?: string;
  readonly title?: string;
  readonly body?: string;
  readonly template?: string;
  readonly channel?: string;
  /** gift */
  readonly item?: string;
  /** Claimed money: whom to pay instead of whom it was issued to, by their reference. */
  readonly payee?: string;
  /** callback; why a line was cancelled or recalled, or asked for again (payee-known, claimed) */
  readonly reason?: string;
  readonly by?: string;
}

/** `data` of `makegood.compensation.*`. */
export interface CompensationNoticeData {
  readonly lineId: string;
  readonly lineSequence: number;
  readonly reason?: string;
  readonly by?: string;
  /** approved: many lines at once, of which it ended the breaker's hold alone. */
  readonly of?: 'breaker';
  readonly reference?: string;
  readonly amount?: Money;
  /** unclaimed: by which it may be claimed. */
  readonly claimReference?: string;
  /** unclaimed: until when, where there is a limit. */
  readonly claimUntil?: string;
  /** unclaimed: when its beneficiary is reminded; not there: they have been, or cannot be. */
  readonly remindAt?: string;
  /** Where money is first heard of by a notice (held, set off): what a request for it would say. */
  readonly line?: IntroducedLine;
}

/** A line that was asked of nobody yet. */
export type IntroducedLine = LineEventData & {
  readonly kind: RemedyKind;
  /** held: how many people have to approve it, and what the breaker counts apart. */
  readonly approvalsNeeded?: 1 | 2;
  readonly region?: string;
};

export type LineEvent = CloudEvent<LineEventData>;
export type CompensationNoticeEvent = CloudEvent<CompensationNoticeData>;

export const SETTLEMENT_PREFIX = 'makegood.settlement.';
export type SettlementStatus = 'accepted' | 'paid' | 'failed' | 'stopped';

/** `data` of `makegood.settlement.{accepted,paid,failed,stopped}`; no amount means the whole line. */
export interface SettlementData {
  readonly lineId: string;
  readonly reference: string;
  readonly paidAt: string;
  readonly amount?: Money;
  readonly reason?: string;
}

export type SettlementEvent = CloudEvent<SettlementData>;
