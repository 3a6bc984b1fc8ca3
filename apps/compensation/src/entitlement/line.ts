import type { Nature, Reason, RemedyKind, TaxShare } from '#libs/contracts';
import type { InstantMs } from '#libs/kernel';
import type { QuietHours } from '#libs/calendar';
import type { Hold } from './hold.js';

/**
 * held: waits for a decision, asked of nobody · rejected: decided against, asked of nobody · requested, failed: payable,
 * ours to cancel · unclaimed: payable, but there is no way to whom it belongs; outside all routes until somebody claims it
 * by its reference or tells how to pay · accepted: handed
 * over, only to be recalled · recall-requested: handed over, finance is asked to stop · paid, sent (words): done ·
 * waiting: words, until it is no longer quiet at whom they go to · merged: an apology that another of the day stands for · shadow: computed and explained, asked of nobody · cancelled:
 * for good.
 */
export type LineState =
  | 'held'
  | 'rejected'
  | 'requested'
  | 'failed'
  | 'unclaimed'
  | 'accepted'
  | 'recall-requested'
  | 'paid'
  | 'sent'
  | 'waiting'
  | 'merged'
  | 'shadow'
  | 'cancelled';

/** What a line says besides its number and amount; fixed at issue, repeated by each of its events. */
export interface LineDetails {
  readonly nature: Nature;
  readonly label?: string;
  /** Shares of the amount by tax, in proportion to those of its base; with the net they sum to the amount. */
  readonly tax?: readonly TaxShare[];
  /** The base that it gives back, by its name in the guarantee. */
  readonly base?: string;
  readonly explanation: readonly string[];
  readonly reasons: readonly Reason[];
  readonly payBy?: string;
  readonly expiresAt?: string;
  readonly item?: string;
  readonly locale?: string;
  readonly title?: string;
  readonly body?: string;
  readonly template?: string;
  /** callback: why a person should call. */
  readonly reason?: string;
  /** callback: who should. */
  readonly by?: string;
}

/**
 * One numbered part of a remedy. Amounts are minor units (points: points; words and gifts: 1, currency null) and obey
 * at all times `amount − cancelled − reversed = paid − absorbed − receivable + open`, every term at least zero.
 */
export interface Line {
  readonly lineId: string;
  readonly remedyId: string;
  /** 1, 2, 3 … within its remedy, in order of issue. */
  readonly n: number;
  readonly kind: RemedyKind;
  readonly currency: string | null;
  readonly amountMinor: number;
  readonly cancelledMinor: number;
  /** What of a paid line is no longer owed. */
  readonly reversedMinor: number;
  readonly paidMinor: number;
  /** What of the paid was not owed and went to `false-breach`. */
  readonly absorbedMinor: number;
  /** What of the paid was not owed and is owed back by whom it was paid to. */
  readonly receivableMinor: number;
  readonly state: LineState;
  /** Rises with every event of the line. */
  readonly lineSequence: number;
  /** Who gets it: a customer, payer or recipient by their reference. */
  readonly beneficiary: string;
  /** Apologies only: addressee and local day, of which one apology is told. */
  readonly apologyDay: string | null;
  /** The one way by which it leaves: `topic`, `webhook:<name>` or `export:<name>`. */
  readonly route: string;
  /** Why it was held, and who has decided about it; null: it never was. */
  readonly hold: Hold | null;
  /** Words: when they are not said; null: at any hour. */
  readonly quiet: Quiet | null;
  /** When time alone moves the line on; null: it does not. */
  readonly wakeAtMs: InstantMs | null;
  /** Money that was set aside as unclaimed, now or before; null: it never was. */
  readonly claim: LineClaim | null;
  readonly issuedAtMs: InstantMs;
  readonly details: LineDetails;
}

export interface LineClaim {
  /** The last instant at which it may be claimed by its reference; null: there is no such limit. */
  readonly untilMs: InstantMs | null;
  /** Who is to be paid instead of the beneficiary, by their reference; null: nobody has claimed it. */
  readonly payee: string | null;
}

/** What has become of a line that was just issued: nothing yet. */
export const UNTOUCHED = {
  cancelledMinor: 0,
  reversedMinor: 0,
  paidMinor: 0,
  absorbedMinor: 0,
  receivableMinor: 0,
  lineSequence: 0,
  hold: null,
  quiet: null,
  wakeAtMs: null,
  claim: null,
} as const;

/** Quiet hours by the clock of whom the words go to, as it was known when they were put. */
export type Quiet = QuietHours & { readonly zone: string };

/** What of the line stands: neither cancelled nor reversed. */
export function standingOf(line: Line): number {
  return line.amountMinor - line.cancelledMinor - line.reversedMinor;
}

/** What of the line is still to be paid. */
export function openOf(line: Line): number {
  return standingOf(line) - keptMinor(line);
}

/** What of the paid is with the beneficiary by right. */
export function keptMinor(line: Line): number {
  return line.paidMinor - line.absorbedMinor - line.receivableMinor;
}

const NOT_ASKED: readonly LineState[] = ['shadow', 'held', 'rejected'];

/** Money and points are booked once they are asked for; words and gifts are only counted. */
export function isBooked(line: Pick<Line, 'currency' | 'state'>): boolean {
  return line.currency !== null && !NOT_ASKED.includes(line.state);
}

/** Others have been told of this line (a merged or shadow line exists for us alone). */
export function isAnnounced(line: Pick<Line, 'lineSequence'>): boolean {
  return line.lineSequence > 0;
}

const ANONYMOUS = 'anonymous:';

/** Nobody was known at the opening: verdict and ledger as for anyone, no messages. */
export function isAnonymous(customer: string): boolean {
  return customer.startsWith(ANONYMOUS);
}

export const WORD_KINDS: readonly RemedyKind[] = ['apology', 'notice', 'callback'];
