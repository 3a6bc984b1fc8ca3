import type {
  CompensationNotice,
  CompensationNoticeData,
  IntroducedLine,
  LineAction,
  LineEventData,
  RemedyKind,
} from '#libs/contracts';
import { parseInstant, POINTS_CURRENCY } from '#libs/kernel';
import type { Settlement } from '../entitlement/apply-settlement.js';
import { apologyDayOf } from '../entitlement/apology-days.js';
import { Draft } from '../entitlement/draft.js';
import type { Entitlement } from '../entitlement/entitlement.js';
import { HOLD_SEPARATOR, withApproval, type Hold } from '../entitlement/hold.js';
import { isBooked, openOf, standingOf, UNTOUCHED, type Line, type LineDetails } from '../entitlement/line.js';
import type { OwnEvent } from '../entitlement/line-events.js';
import { owedAsTold } from './owed-as-told.js';
import { isReminder, remindedBy } from '../entitlement/reminders.js';
import type { Decision } from '../entitlement/settle-entitlement.js';

/** What one event of our own teaches a database that has forgotten it. */
export interface Adopted {
  readonly entitlement: Entitlement;
  /** Bookings as they were made then, under the same ids; nothing is announced again. */
  readonly decision: Decision;
  readonly settlement: Settlement | null;
}

/** @param known null: the promise is not known either; a line's `requested` event makes it. */
export function adoptEvent(event: OwnEvent, known: Entitlement | null): Adopted | null {
  const [, kind, what] = event.type.split('.') as [string, RemedyKind | 'compensation', string];
  const atMs = parseInstant(event.time) ?? 0;
  const { lineId, lineSequence } = event.data;
  const found = known?.lines.find((line) => line.lineId === lineId);
  if (found && found.lineSequence >= lineSequence) return null; // the database knows
  const isNotice = kind === 'compensation';
  const introduced = isNotice ? (event.data as CompensationNoticeData).line : undefined;
  // A notice of words: they are decided anew when what caused them is read again.
  if (isNotice && !found && !introduced) return null;
  const data = introduced ?? (event.data as LineEventData);
  const entitlement = adoptBreach(adoptSequence(known ?? entitlementOf(data), event.promisesequence), event);
  const draft = new Draft(
    found
      ? entitlement.lines
      : [...entitlement.lines, lineOf(event, data, introduced?.kind ?? (kind as RemedyKind), atMs)],
    atMs,
  );
  draft.change(lineId, { lineSequence });
  const settlement = isNotice
    ? adoptNotice(draft, event.data as CompensationNoticeData, what as CompensationNotice)
    : adoptAction(draft, data, what as LineAction, found !== undefined);
  const { lines, transfers } = draft;
  const owed =
    entitlement.contentHash === null ? entitlement.owed : owedAsTold(entitlement.owed, lines, { lineId }, event);
  return { entitlement: { ...entitlement, owed }, decision: { lines, announcements: [], transfers }, settlement };
}

function adoptAction(draft: Draft, data: LineEventData, action: LineAction, isKnown: boolean): null {
  const { lineId, lineSequence } = data;
  const line = draft.line(lineId);
  if (action === 'requested' && isKnown && isBooked(line)) adoptClaim(draft, line, data);
  else if (action === 'requested') {
    draft.change(lineId, { state: 'requested' });
    draft.book(lineId, 'requested', line.amountMinor, lineSequence);
    const reminded = isReminder(line) ? remindedBy(draft, line) : null;
    if (reminded) draft.change(reminded.lineId, { wakeAtMs: reminded.claim?.untilMs ?? null });
  } else if (action === 'cancelled') {
    // A rejected line is told as cancelled when it was paid all the same: it was booked first.
    if (line.state === 'rejected') admit(draft, line, lineSequence - 1);
    const open = openOf(line);
    draft.book(lineId, 'cancelled', open, lineSequence);
    draft.change(lineId, { state: 'cancelled', cancelledMinor: line.cancelledMinor + open });
  } else draft.change(lineId, { state: 'recall-requested' });
  return null;
}

/** Asked for a second time, since it was unclaimed: payable all along, so nothing is booked. */
function adoptClaim(draft: Draft, { lineId, claim }: Line, { payee }: LineEventData): void {
  const untilMs = claim?.untilMs ?? null;
  draft.change(lineId, { state: 'requested', wakeAtMs: null, claim: { untilMs, payee: payee ?? null } });
}

/** Set aside, with the moment at which time goes on with it; or that moment was the end of its claims. */
function adoptUnclaimed(
  draft: Draft,
  { lineId, reference, reason, claimUntil, remindAt }: CompensationNoticeData,
): Settlement | null {
  if (reference === undefined) {
    draft.change(lineId, { wakeAtMs: null });
    return null;
  }
  const untilMs = parseInstant(claimUntil);
  const claim = { untilMs, payee: null };
  draft.change(lineId, { state: 'unclaimed', claim, wakeAtMs: parseInstant(remindAt) ?? untilMs });
  return { lineId, reference, status: 'failed', paidAtMs: null, amountMinor: null, reason: reason ?? null };
}

function adoptNotice(draft: Draft, data: CompensationNoticeData, notice: CompensationNotice): Settlement | null {
  const amountMinor = data.amount?.amountMinor ?? 0;
  if (notice === 'held' && data.line) adoptHold(draft, data, data.line);
  if (notice === 'approved') adoptApproval(draft, data);
  if (notice === 'rejected') adoptRejection(draft, data);
  if (notice === 'settled' && data.line) return adoptSetOff(draft, data.lineId);
  if (notice === 'settled') return adoptPayment(draft, data, amountMinor);
  if (notice === 'reversed') adoptReversal(draft, data, amountMinor);
  if (notice === 'failed') return adoptFailure(draft, data, amountMinor);
  if (notice === 'unclaimed') return adoptUnclaimed(draft, data);
  return null;
}

function adoptHold(draft: Draft, { lineId, reason = '' }: CompensationNoticeData, line: IntroducedLine): void {
  const reasons = reason.split(HOLD_SEPARATOR) as Hold['reasons'];
  const { approvalsNeeded = 1, region = null } = line;
  draft.change(lineId, { state: 'held', hold: { reasons, approvalsNeeded, approvals: [], region } });
}

/** The request that follows lets the line go; a payment that came before any request has let it go by itself. */
function adoptApproval(draft: Draft, { lineId, lineSequence, by, reason, of }: CompensationNoticeData): void {
  const line = draft.line(lineId);
  if (by === undefined) return admit(draft, line, lineSequence - 1); // paid while it was held
  const { hold } = line;
  if (hold === null) return;
  const approval = { by, atMs: draft.atMs, reason: reason ?? null, ...(of === undefined ? {} : { of }) };
  draft.change(lineId, { hold: withApproval(hold, approval) });
}

/** Booked as it was before its payment, though nobody had asked for it. */
function admit(draft: Draft, { lineId, amountMinor }: Line, key: number): void {
  draft.change(lineId, { state: 'requested' });
  draft.book(lineId, 'requested', amountMinor, key);
}

/** By a person, or since nothing is owed any more. */
function adoptRejection(draft: Draft, { lineId, by }: CompensationNoticeData): void {
  const { amountMinor } = draft.line(lineId);
  draft.change(lineId, by === undefined ? { state: 'cancelled', cancelledMinor: amountMinor } : { state: 'rejected' });
}

function adoptSetOff(draft: Draft, lineId: string): null {
  const { amountMinor } = draft.line(lineId);
  draft.book(lineId, 'requested', amountMinor, 1);
  draft.book(lineId, 'offset', amountMinor, 1);
  draft.change(lineId, { state: 'paid', paidMinor: amountMinor });
  return null;
}

function adoptPayment(
  draft: Draft,
  { lineId, reference = '' }: CompensationNoticeData,
  amountMinor: number,
): Settlement {
  const { state, amountMinor: whole } = draft.line(lineId);
  // Else it would have been told as cancelled first: meanwhile it was no longer owed, which is told to nobody.
  if (state === 'rejected') draft.change(lineId, { state: 'cancelled', cancelledMinor: whole });
  const line = draft.line(lineId);
  const isWords = line.currency === null;
  draft.book(lineId, 'paid', amountMinor, reference);
  const paid = draft.change(lineId, { paidMinor: isWords ? 1 : line.paidMinor + amountMinor });
  if (isWords) draft.change(lineId, line.state === 'cancelled' ? { absorbedMinor: 1 } : { state: 'sent' });
  else if (paid.state !== 'cancelled' && openOf(paid) <= 0) draft.change(lineId, { state: 'paid' });
  return { lineId, reference, status: 'paid', paidAtMs: null, amountMinor: isWords ? null : amountMinor, reason: null };
}

/** What was paid beyond what stands is only absorbed; the rest of it is reversed first. */
function adoptReversal(draft: Draft, { lineId, lineSequence }: CompensationNoticeData, amountMinor: number): void {
  const line = draft.line(lineId);
  const overpaid = Math.max(0, line.paidMinor - line.absorbedMinor - standingOf(line));
  const reversed = amountMinor - Math.min(amountMinor, overpaid);
  draft.book(lineId, 'reversed', reversed, lineSequence);
  draft.book(lineId, 'absorbed', amountMinor, lineSequence);
  draft.change(lineId, {
    reversedMinor: line.reversedMinor + reversed,
    absorbedMinor: line.absorbedMinor + amountMinor,
  });
}

function adoptFailure(draft: Draft, data: CompensationNoticeData, amountMinor: number): Settlement {
  const { lineId, lineSequence, reference = '', reason } = data;
  const line = draft.line(lineId);
  if (amountMinor > 0) {
    draft.book(lineId, 'returned', amountMinor, reference);
    const paidMinor = line.paidMinor - amountMinor;
    const absorbedMinor = Math.max(0, Math.min(line.absorbedMinor, paidMinor - standingOf(line)));
    draft.book(lineId, 'unabsorbed', line.absorbedMinor - absorbedMinor, reference);
    const open = openOf(draft.change(lineId, { paidMinor, absorbedMinor }));
    if (open > 0 && line.state === 'cancelled') {
      draft.book(lineId, 'cancelled', open, lineSequence);
      draft.change(lineId, { cancelledMinor: line.cancelledMinor + open });
    }
  }
  if (line.state !== 'cancelled' && openOf(draft.line(lineId)) > 0) draft.change(lineId, { state: 'failed' });
  return { lineId, reference, status: 'failed', paidAtMs: null, amountMinor: null, reason: reason ?? null };
}

/** The event that decided this is known by number only: read again, it must change nothing but teach what was owed. */
function adoptSequence(entitlement: Entitlement, sequence: number): Entitlement {
  return sequence > entitlement.sequence ? { ...entitlement, sequence, contentHash: null } : entitlement;
}

/** What the breaker has counted is not counted again when the breach itself is read again. */
function adoptBreach(entitlement: Entitlement, { breachedat, breachregion = '' }: OwnEvent): Entitlement {
  const decidedAtMs = parseInstant(breachedat);
  if (decidedAtMs === null || entitlement.counted !== null) return entitlement;
  return { ...entitlement, counted: { region: breachregion, decidedAtMs } };
}

function entitlementOf(data: LineEventData): Entitlement {
  const { promiseId, breachId, compensationId, guarantee, guaranteeVersion, subject, customer, parties, refs, group } =
    data;
  return {
    promiseId,
    breachId,
    compensationId,
    sequence: 0,
    contentHash: null,
    verdict: null,
    owed: [],
    counted: null,
    lines: [],
    promise: {
      guarantee,
      guaranteeVersion,
      mode: 'live',
      subject,
      customer,
      parties,
      refs,
      ...(group === undefined ? {} : { group }),
    },
  };
}

function lineOf(event: OwnEvent, data: LineEventData, kind: RemedyKind, atMs: number): Line {
  const { nature, label, explanation, reasons, tax, payBy, expiresAt, item, locale, title, body, template, reason } =
    data;
  const optional = {
    label,
    tax,
    payBy,
    expiresAt,
    item,
    locale,
    title,
    body,
    template,
    ...(kind === 'callback' ? { reason } : {}),
  };
  const present = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined));
  const beneficiary = data.parties[event.party] ?? data.customer;
  return {
    lineId: data.lineId,
    remedyId: event.remedyid,
    n: event.linenumber,
    kind,
    currency: data.amount?.currency ?? (data.points === undefined ? null : POINTS_CURRENCY),
    amountMinor: data.amount?.amountMinor ?? data.points ?? 1,
    ...UNTOUCHED,
    route: data.route,
    state: 'requested',
    beneficiary,
    apologyDay: event.apologyday === undefined ? null : apologyDayOf(beneficiary, event.apologyday, kind),
    issuedAtMs: atMs,
    details: { nature, explanation, reasons, ...present } as LineDetails,
  };
}
