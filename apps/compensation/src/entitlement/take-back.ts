import type { AfterPayment } from '#libs/guarantees';
import { POINTS_CURRENCY } from '#libs/kernel';
import type { Draft } from './draft.js';
import { keptMinor, openOf, standingOf, type Line, type LineState } from './line.js';

/** Nobody was asked for these, so nobody is told that they are gone. */
const SILENT: readonly LineState[] = ['merged', 'waiting', 'shadow', 'rejected'];

/** Until not more stands than is owed: unpaid lines newest first, then what was paid. Recalled lines wait for finance. */
export function takeBack(
  draft: Draft,
  lines: readonly Line[],
  target: number,
  reason: string,
  afterPayment: AfterPayment,
): void {
  const newestFirst = lines.toReversed();
  let excess = sumStanding(newestFirst.filter(({ state }) => state !== 'recall-requested')) - target;
  for (const line of newestFirst) {
    if (excess <= 0) return;
    if (line.state === 'recall-requested' || openOf(line) === 0) continue;
    excess -= openOf(line);
    withdraw(draft, line.lineId, reason);
  }
  for (const { lineId, currency } of newestFirst) {
    if (excess <= 0 || currency === null) return; // words that were sent stay said
    excess -= reverse(draft, lineId, excess, reason, afterPayment);
  }
}

export function sumStanding(lines: readonly Line[]): number {
  return lines.reduce((total, line) => total + standingOf(line), 0);
}

/** Takes back what is open of a line: recalled where it was handed over, else cancelled. */
export function withdraw(draft: Draft, lineId: string, reason: string): void {
  const { state } = draft.line(lineId);
  if (state === 'recall-requested') return;
  if (state !== 'accepted') return cancelLine(draft, lineId, reason);
  draft.change(lineId, { state: 'recall-requested' });
  draft.tell(lineId, 'recall-requested', reason);
}

/** Cancels what of a line is unpaid, for good. */
export function cancelLine(draft: Draft, lineId: string, reason: string): void {
  const before = draft.line(lineId);
  const open = openOf(before);
  draft.book(lineId, 'cancelled', open, before.lineSequence + 1);
  draft.change(lineId, { state: 'cancelled', cancelledMinor: before.cancelledMinor + open, wakeAtMs: null });
  if (before.state === 'held') draft.notify(lineId, 'rejected', { reason });
  else if (!SILENT.includes(before.state)) draft.tell(lineId, 'cancelled', reason);
}

/** Up to `excess` of what was paid on a line is no longer owed: `afterPayment` takes it over. @returns how much. */
function reverse(draft: Draft, lineId: string, excess: number, reason: string, afterPayment: AfterPayment): number {
  const line = draft.line(lineId);
  if (line.state === 'recall-requested') return 0;
  const amountMinor = Math.min(excess, keptMinor(line), standingOf(line));
  if (amountMinor <= 0) return 0;
  const key = line.lineSequence + 1;
  draft.book(lineId, 'reversed', amountMinor, key);
  draft.change(lineId, { reversedMinor: line.reversedMinor + amountMinor });
  takeOver(draft, lineId, amountMinor, key, afterPayment);
  draft.notify(lineId, 'reversed', { reason, ...moneyOf(line, amountMinor) });
  return amountMinor;
}

/**
 * What was paid and is not owed: becomes the cost of a false breach, or is owed back by whom it was paid to (offset:
 * all of it; claw-back: up to the cap a promise). Points are always absorbed.
 */
export function takeOver(
  draft: Draft,
  lineId: string,
  amountMinor: number,
  key: string | number,
  afterPayment: AfterPayment,
): void {
  const line = draft.line(lineId);
  const receivable = Math.min(amountMinor, receivableRoom(draft, line, afterPayment));
  draft.book(lineId, 'receivable', receivable, key);
  draft.book(lineId, 'absorbed', amountMinor - receivable, key);
  draft.change(lineId, {
    receivableMinor: line.receivableMinor + receivable,
    absorbedMinor: line.absorbedMinor + amountMinor - receivable,
  });
}

function receivableRoom(draft: Draft, line: Line, afterPayment: AfterPayment): number {
  if (line.currency === POINTS_CURRENCY || afterPayment.kind === 'absorb') return 0;
  if (afterPayment.kind === 'offset') return Number.MAX_SAFE_INTEGER;
  if (afterPayment.cap.currency !== line.currency) return 0;
  const asked = draft.lines
    .filter(({ currency }) => currency === line.currency)
    .reduce((total, { receivableMinor }) => total + receivableMinor, 0);
  return Math.max(0, afterPayment.cap.amountMinor - asked);
}

export function moneyOf(
  { currency }: Pick<Line, 'currency'>,
  amountMinor: number,
): { amount?: { amountMinor: number; currency: string } } {
  return currency === null ? {} : { amount: { amountMinor, currency } };
}
