import { formatInstant, lineIdOf, type InstantMs } from '#libs/kernel';
import type { OwedRemedy } from '#libs/remedy-engine';
import { Draft, type Announcement, type Transfer } from './draft.js';
import { owedUnits, type Entitlement } from './entitlement.js';
import { isAnnounced, openOf, standingOf, WORD_KINDS, type Line, type LineDetails, type LineState } from './line.js';

/** The words of an apology, notice or callback, as they would go out, and the day they are counted for. */
export interface Words {
  readonly details: Pick<LineDetails, 'locale' | 'title' | 'body' | 'template' | 'reason'>;
  /** null: not merged by day. */
  readonly apologyDay: string | null;
  /** Another apology of the addressee's day has been told already. */
  readonly merged: boolean;
}

export interface DecisionContext {
  /** When this is decided by the log. */
  readonly atMs: InstantMs;
  /** Asked only for a line that is to be issued; null: there are no words (no template, no addressee), no line then. */
  readonly wordsOf: (remedy: OwedRemedy) => Words | null;
  /** Why lines are taken back, as told to others. */
  readonly cancelReason: string;
}

export interface Decision {
  readonly lines: readonly Line[];
  readonly announcements: readonly Announcement[];
  readonly transfers: readonly Transfer[];
}

/**
 * Brings what stands to what is owed, remedy by remedy: issues the difference, or takes back what is too much. The
 * same state and the same owed remedies always give the same lines, numbers and bookings; a second call gives nothing.
 */
export function settleEntitlement(entitlement: Entitlement, context: DecisionContext): Decision {
  const draft = new Draft(entitlement.lines, context.atMs);
  balanceRemedies(entitlement, draft, context);
  return { lines: draft.lines, announcements: draft.announcements, transfers: draft.transfers };
}

/** The same within a change that has begun otherwise (a settlement). */
export function balanceRemedies(entitlement: Entitlement, draft: Draft, context: DecisionContext): void {
  const owed = new Map(entitlement.owed.map((remedy) => [remedy.remedyId, remedy]));
  const others = draft.lines.map(({ remedyId }) => remedyId).sort(); // one order, however the lines were read
  const remedyIds = new Set([...owed.keys(), ...others]);
  for (const remedyId of remedyIds) {
    const remedy = owed.get(remedyId);
    const currencies = new Set(draft.ofRemedy(remedyId).map(({ currency }) => currency));
    for (const currency of currencies) {
      takeBack(draft, remedyId, currency, remedy?.currency === currency ? owedUnits(remedy) : 0, context.cancelReason);
    }
    if (!remedy) continue;
    const missing = owedUnits(remedy) - sum(inCurrency(draft, remedyId, remedy.currency));
    if (missing > 0) issue(entitlement, draft, remedy, missing, context);
  }
}

function inCurrency(draft: Draft, remedyId: string, currency: string | null): Line[] {
  return draft.ofRemedy(remedyId).filter((line) => line.currency === currency);
}

/** Until not more stands than is owed: unpaid lines newest first, then what was paid. Recalled lines wait for finance. */
function takeBack(draft: Draft, remedyId: string, currency: string | null, target: number, reason: string): void {
  const newestFirst = inCurrency(draft, remedyId, currency).reverse();
  let excess = sum(newestFirst.filter(({ state }) => state !== 'recall-requested')) - target;
  for (const line of newestFirst) {
    if (excess <= 0) return;
    if (line.state === 'recall-requested' || openOf(line) === 0) continue;
    excess -= openOf(line);
    if (line.state === 'accepted') {
      draft.change(line.lineId, { state: 'recall-requested' });
      draft.tell(line.lineId, 'recall-requested', reason);
    } else cancelLine(draft, line.lineId, reason);
  }
  if (currency === null) return; // words that were sent stay said
  for (const { lineId } of newestFirst) {
    if (excess <= 0) return;
    excess -= reverse(draft, lineId, excess, reason);
  }
}

/** Cancels what of a line is unpaid, for good. */
export function cancelLine(draft: Draft, lineId: string, reason: string): void {
  const before = draft.line(lineId);
  const open = openOf(before);
  draft.book(lineId, 'cancelled', open, before.lineSequence + 1);
  draft.change(lineId, { state: 'cancelled', cancelledMinor: before.cancelledMinor + open });
  if (isAnnounced(before)) draft.tell(lineId, 'cancelled', reason);
}

/** Up to `excess` of what was paid on a line is no longer owed: it is absorbed. @returns how much. */
function reverse(draft: Draft, lineId: string, excess: number, reason: string): number {
  const line = draft.line(lineId);
  if (line.state === 'recall-requested') return 0;
  const amountMinor = Math.min(excess, line.paidMinor - line.absorbedMinor, standingOf(line));
  if (amountMinor <= 0) return 0;
  const key = line.lineSequence + 1;
  draft.book(lineId, 'reversed', amountMinor, key);
  draft.change(lineId, { reversedMinor: line.reversedMinor + amountMinor });
  absorb(draft, lineId, amountMinor, key);
  draft.notify(lineId, 'reversed', { reason, ...moneyOf(line, amountMinor) });
  return amountMinor;
}

/** `afterPayment: absorb`: what was paid and is not owed becomes the cost of a false breach. */
export function absorb(draft: Draft, lineId: string, amountMinor: number, key: string | number): void {
  draft.book(lineId, 'absorbed', amountMinor, key);
  draft.change(lineId, { absorbedMinor: draft.line(lineId).absorbedMinor + amountMinor });
}

export function moneyOf(line: Line, amountMinor: number): { amount?: { amountMinor: number; currency: string } } {
  return line.currency === null ? {} : { amount: { amountMinor, currency: line.currency } };
}

function issue(
  entitlement: Entitlement,
  draft: Draft,
  remedy: OwedRemedy,
  missing: number,
  context: DecisionContext,
): void {
  const isWords = WORD_KINDS.includes(remedy.kind);
  const words = isWords ? context.wordsOf(remedy) : null;
  if (isWords && !words) return;
  const n = Math.max(0, ...draft.ofRemedy(remedy.remedyId).map((line) => line.n)) + 1;
  const lineId = lineIdOf(entitlement.breachId, remedy.remedyId, n);
  const state = stateAtIssue(entitlement, words);
  draft.add({
    lineId,
    remedyId: remedy.remedyId,
    n,
    kind: remedy.kind,
    currency: remedy.currency,
    amountMinor: missing,
    cancelledMinor: 0,
    reversedMinor: 0,
    paidMinor: 0,
    absorbedMinor: 0,
    state,
    lineSequence: 0,
    beneficiary: beneficiaryOf(entitlement, remedy),
    apologyDay: words?.apologyDay ?? null,
    issuedAtMs: context.atMs,
    details: detailsOf(remedy, words),
  });
  if (state !== 'requested') return;
  draft.tell(lineId, 'requested');
  draft.book(lineId, 'requested', missing, draft.line(lineId).lineSequence);
}

function stateAtIssue(entitlement: Entitlement, words: Words | null): LineState {
  if (entitlement.promise.mode === 'shadow') return 'shadow';
  return words?.merged ? 'merged' : 'requested';
}

/** The person behind the party that the remedy names; the customer where there is none. */
export function beneficiaryOf({ promise }: Pick<Entitlement, 'promise'>, remedy: Pick<OwedRemedy, 'party'>): string {
  return promise.parties[remedy.party] ?? promise.customer;
}

function detailsOf(remedy: OwedRemedy, words: Words | null): LineDetails {
  return {
    nature: remedy.nature,
    ...(remedy.label === undefined ? {} : { label: remedy.label }),
    explanation: remedy.explanation,
    reasons: remedy.reasons,
    ...(remedy.payByMs === undefined ? {} : { payBy: formatInstant(remedy.payByMs) }),
    ...(remedy.expiresAtMs === undefined ? {} : { expiresAt: formatInstant(remedy.expiresAtMs) }),
    ...(remedy.item === undefined ? {} : { item: remedy.item }),
    ...words?.details,
  };
}

function sum(lines: readonly Line[]): number {
  return lines.reduce((total, line) => total + standingOf(line), 0);
}
