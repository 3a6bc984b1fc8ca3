import type { SettlementStatus } from '#libs/contracts';
import type { AfterPayment } from '#libs/guarantees';
import type { InstantMs, Money, Problem } from '#libs/kernel';
import { Draft } from './draft.js';
import type { Entitlement } from './entitlement.js';
import { isAnnounced, keptMinor, openOf, standingOf, type Line } from './line.js';
import { balanceRemedies, decisionOf, type Decision, type DecisionContext } from './settle-entitlement.js';
import { cancelLine, moneyOf, takeOver } from './take-back.js';
import { setAside } from './unclaimed.js';

/** What finance (or a sender of words) said of a line; identified by line, reference and status. */
export interface Settlement {
  readonly lineId: string;
  readonly reference: string;
  readonly status: SettlementStatus;
  /** null: learned from our own output, which does not tell it. */
  readonly paidAtMs: InstantMs | null;
  /** Money moved; null for words, and where no money moved. */
  readonly amountMinor: number | null;
  readonly reason: string | null;
}

/** `repeated`: known before, no effect. `refused`: it cannot be true of this line, nothing changes. */
export type SettlementOutcome =
  | { readonly kind: 'applied'; readonly settlement: Settlement; readonly decision: Decision }
  | { readonly kind: 'repeated' }
  | { readonly kind: 'refused'; readonly problem: Problem };

/** Reasons of a failure by which finance says that there is no way to whom the money belongs. */
const NO_WAY_TO_PAY: ReadonlySet<string> = new Set(['unclaimed', 'no-payee', 'account-closed']);
/** Settlements under such a reference say that an export told the line, or was withdrawn. */
export const EXPORT_REFERENCE = 'export:';

export interface SettlementInput extends Omit<Settlement, 'amountMinor'> {
  /** null: the whole line. */
  readonly amount: Money | null;
}

/**
 * Books what finance said. Money that moved is always booked, whatever the line's state; what was paid and is not owed
 * goes the way of `afterPayment`. Which of several payments comes first makes no difference to the books.
 */
export function applySettlement(
  entitlement: Entitlement,
  known: readonly Settlement[],
  input: SettlementInput,
  context: DecisionContext,
): SettlementOutcome {
  const draft = new Draft(entitlement.lines, context.atMs);
  const line = draft.line(input.lineId);
  const problem = problemOf(line, input);
  if (problem) return { kind: 'refused', problem };
  const settlement: Settlement = { ...withoutAmount(input), amountMinor: movedMinor(line, input) };
  const before = known.find(({ reference, status }) => reference === input.reference && status === input.status);
  if (before) return repetitionOf(before, settlement, line);
  const all = [...known, settlement];
  bookPayments(draft, line.lineId, settlement, all, context.afterPayment);
  if (settlement.status === 'accepted') accept(draft, line.lineId);
  if (settlement.status === 'failed' || settlement.status === 'stopped') giveBack(draft, settlement, all, context);
  // Learned from our own output only: what is owed comes with the promise event, which is read again.
  if (entitlement.contentHash !== null) balanceRemedies(entitlement, draft, context);
  return { kind: 'applied', settlement, decision: decisionOf(draft) };
}

/**
 * What a payment's reference amounts to: nothing when it was returned after it had been paid. The later of the two
 * by finance's own time counts, not the later to arrive.
 */
export function paidMinorOf(settlements: readonly Settlement[]): number {
  let total = 0;
  for (const paid of settlements) {
    if (paid.status === 'paid' && !isReturned(paid, settlements)) total += paid.amountMinor ?? 0;
  }
  return total;
}

function isReturned(paid: Settlement, settlements: readonly Settlement[]): boolean {
  return settlements.some(
    ({ status, reference, paidAtMs }) =>
      (status === 'failed' || status === 'stopped') &&
      reference === paid.reference &&
      (paidAtMs ?? 0) > (paid.paidAtMs ?? Number.POSITIVE_INFINITY),
  );
}

function bookPayments(
  draft: Draft,
  lineId: string,
  settlement: Settlement,
  all: readonly Settlement[],
  afterPayment: AfterPayment,
): void {
  const before = draft.line(lineId);
  if (before.currency === null) {
    if (settlement.status === 'paid') say(draft, lineId, settlement);
    return;
  }
  const paidMinor = paidMinorOf(all);
  const moved = paidMinor - before.paidMinor;
  if (moved > 0) pay(draft, lineId, moved, settlement, afterPayment);
  if (moved < 0) takePaymentBack(draft, lineId, -moved, settlement);
}

function say(draft: Draft, lineId: string, { reference }: Settlement): void {
  const { state, paidMinor } = draft.line(lineId);
  if (paidMinor > 0) return;
  draft.change(lineId, state === 'cancelled' ? { paidMinor: 1, absorbedMinor: 1 } : { state: 'sent', paidMinor: 1 });
  draft.notify(lineId, 'settled', { reference });
}

function pay(
  draft: Draft,
  lineId: string,
  amountMinor: number,
  { reference }: Settlement,
  afterPayment: AfterPayment,
): void {
  admitUnasked(draft, lineId);
  draft.book(lineId, 'paid', amountMinor, reference);
  const paid = draft.change(lineId, { paidMinor: draft.line(lineId).paidMinor + amountMinor });
  draft.notify(lineId, 'settled', { reference, ...moneyOf(paid, amountMinor) });
  const overpaid = Math.max(0, keptMinor(paid) - standingOf(paid));
  if (overpaid > 0) {
    takeOver(draft, lineId, overpaid, draft.line(lineId).lineSequence + 1, afterPayment);
    const reason = paid.state === 'cancelled' ? 'paid-after-cancellation' : 'paid-beyond-amount';
    draft.notify(lineId, 'reversed', { reason, reference, ...moneyOf(paid, overpaid) });
  }
  const now = draft.line(lineId);
  if (now.state === 'cancelled') return;
  if (openOf(now) === 0) draft.change(lineId, { state: 'paid', wakeAtMs: null });
  else if (now.state === 'recall-requested') cancelLine(draft, lineId, 'recalled'); // finance has answered
}

/** Paid while it was held or after it was rejected: the money moved, so the line is booked first, as owed or as not. */
function admitUnasked(draft: Draft, lineId: string): void {
  const { state, amountMinor, lineSequence } = draft.line(lineId);
  if (state !== 'held' && state !== 'rejected') return;
  const next = draft.change(lineId, { state: 'requested' });
  draft.book(lineId, 'requested', amountMinor, lineSequence);
  if (state === 'held') draft.notify(lineId, 'approved', { reason: 'paid-while-held' });
  else cancelLine(draft, next.lineId, 'rejected');
}

function takePaymentBack(draft: Draft, lineId: string, amountMinor: number, { reference, reason }: Settlement): void {
  draft.book(lineId, 'returned', amountMinor, reference);
  const line = draft.line(lineId);
  const paidMinor = line.paidMinor - amountMinor;
  const takenOver = line.absorbedMinor + line.receivableMinor;
  const given = takenOver - Math.max(0, Math.min(takenOver, paidMinor - standingOf(line)));
  const unreceivable = Math.min(line.receivableMinor, given); // money that came back is no longer asked back
  draft.book(lineId, 'unreceivable', unreceivable, reference);
  draft.book(lineId, 'unabsorbed', given - unreceivable, reference);
  const returned = draft.change(lineId, {
    paidMinor,
    receivableMinor: line.receivableMinor - unreceivable,
    absorbedMinor: line.absorbedMinor - (given - unreceivable),
  });
  const open = openOf(returned);
  if (open > 0 && line.state !== 'cancelled') draft.change(lineId, { state: 'failed' });
  else if (open > 0) {
    // Cancelled stays cancelled: what is still owed of it gets a new line.
    draft.book(lineId, 'cancelled', open, line.lineSequence + 1);
    draft.change(lineId, { cancelledMinor: returned.cancelledMinor + open });
  }
  draft.notify(lineId, 'failed', { reference, reason: reason ?? 'returned', ...moneyOf(line, amountMinor) });
}

function accept(draft: Draft, lineId: string): void {
  const { state } = draft.line(lineId);
  if (state === 'requested' || state === 'failed' || state === 'unclaimed')
    draft.change(lineId, { state: 'accepted', wakeAtMs: null });
}

/** A payment that did not come about: the line is payable again, or, when it was recalled, cancelled at last. */
function giveBack(
  draft: Draft,
  { lineId, reference, status, reason }: Settlement,
  all: readonly Settlement[],
  { unclaimed }: DecisionContext,
): void {
  const { state } = draft.line(lineId);
  if (state === 'recall-requested') return cancelLine(draft, lineId, 'recalled');
  const isStale = all.some((other) => other.status === 'paid' && other.reference === reference);
  if (isStale || (state !== 'requested' && state !== 'accepted' && state !== 'failed')) return;
  if (reason !== null && NO_WAY_TO_PAY.has(reason)) {
    return setAside(draft, lineId, { reference, reason }, unclaimed);
  }
  // What an export has told is never told by another: it ends here, and what is owed gets a new line.
  if (status === 'stopped' && reference.startsWith(EXPORT_REFERENCE)) return cancelLine(draft, lineId, 'withdrawn');
  if (state === 'failed') return;
  draft.change(lineId, { state: 'failed' });
  draft.notify(lineId, 'failed', { reference, reason: reason ?? status });
}

function repetitionOf(before: Settlement, now: Settlement, line: Line): SettlementOutcome {
  if (before.amountMinor === now.amountMinor) return { kind: 'repeated' };
  const detail =
    `line ${line.lineId}, reference ${now.reference}: ${now.status} with ${before.amountMinor ?? 'no amount'} before, ` +
    `now with ${now.amountMinor ?? 'no amount'} (minor units)`;
  const advice = 'send a second payment under a reference of its own';
  return { kind: 'refused', problem: { code: 'CONFLICTING_SETTLEMENT', detail, advice } };
}

function problemOf(line: Line, { amount, status }: SettlementInput): Problem | null {
  if (!isAnnounced(line)) {
    const detail = `line ${line.lineId} was never asked for: it is ${line.state}`;
    return { code: 'SETTLEMENT_NOT_ASKED_FOR', detail };
  }
  if (!amount) return null;
  if (amount.currency !== line.currency) {
    const detail = `line ${line.lineId} is in ${line.currency ?? 'no currency'}, the settlement in ${amount.currency}`;
    return { code: 'SETTLEMENT_CURRENCY', detail };
  }
  if (amount.amountMinor > 0 || status !== 'paid') return null;
  return { code: 'SETTLEMENT_AMOUNT', detail: `an amount above zero was expected, found ${amount.amountMinor}` };
}

function movedMinor(line: Line, { amount, status }: SettlementInput): number | null {
  return line.currency === null || status !== 'paid' ? null : (amount?.amountMinor ?? line.amountMinor);
}

function withoutAmount({
  lineId,
  reference,
  status,
  paidAtMs,
  reason,
}: SettlementInput): Omit<Settlement, 'amountMinor'> {
  return { lineId, reference, status, paidAtMs, reason };
}
