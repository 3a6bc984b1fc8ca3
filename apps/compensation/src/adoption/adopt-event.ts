import type {
  CompensationNotice,
  CompensationNoticeData,
  LineAction,
  LineEventData,
  RemedyKind,
} from '#libs/contracts';
import { parseInstant, POINTS_CURRENCY } from '#libs/kernel';
import type { Settlement } from '../entitlement/apply-settlement.js';
import { apologyDayOf } from '../entitlement/apology-days.js';
import { Draft } from '../entitlement/draft.js';
import type { Entitlement } from '../entitlement/entitlement.js';
import { openOf, standingOf, type Line, type LineDetails } from '../entitlement/line.js';
import type { OwnEvent } from '../entitlement/line-events.js';
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
  if (isNotice && !found) return null; // a notice of a line whose request lies before what is read: known to the database
  const data = event.data as LineEventData;
  const entitlement = adoptSequence(known ?? entitlementOf(data), event.promisesequence);
  const draft = new Draft(
    found ? entitlement.lines : [...entitlement.lines, lineOf(event, data, kind as RemedyKind, atMs)],
    atMs,
  );
  draft.change(lineId, { lineSequence });
  const settlement = isNotice
    ? adoptNotice(draft, event.data as CompensationNoticeData, what as CompensationNotice)
    : adoptAction(draft, data, what as LineAction);
  return { entitlement, decision: { lines: draft.lines, announcements: [], transfers: draft.transfers }, settlement };
}

function adoptAction(draft: Draft, { lineId, lineSequence }: LineEventData, action: LineAction): null {
  const line = draft.line(lineId);
  if (action === 'requested') {
    draft.change(lineId, { state: 'requested' });
    draft.book(lineId, 'requested', line.amountMinor, lineSequence);
  } else if (action === 'cancelled') {
    const open = openOf(line);
    draft.book(lineId, 'cancelled', open, lineSequence);
    draft.change(lineId, { state: 'cancelled', cancelledMinor: line.cancelledMinor + open });
  } else draft.change(lineId, { state: 'recall-requested' });
  return null;
}

function adoptNotice(draft: Draft, data: CompensationNoticeData, notice: CompensationNotice): Settlement | null {
  const amountMinor = data.amount?.amountMinor ?? 0;
  if (notice === 'settled') return adoptPayment(draft, data, amountMinor);
  if (notice === 'reversed') adoptReversal(draft, data, amountMinor);
  if (notice === 'failed') return adoptFailure(draft, data, amountMinor);
  return null;
}

function adoptPayment(
  draft: Draft,
  { lineId, reference = '' }: CompensationNoticeData,
  amountMinor: number,
): Settlement {
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
    cancelledMinor: 0,
    reversedMinor: 0,
    paidMinor: 0,
    absorbedMinor: 0,
    receivableMinor: 0,
    route: data.route,
    hold: null,
    quiet: null,
    wakeAtMs: null,
    state: 'requested',
    lineSequence: 0,
    beneficiary,
    apologyDay: event.apologyday === undefined ? null : apologyDayOf(beneficiary, event.apologyday, kind),
    issuedAtMs: atMs,
    details: { nature, explanation, reasons, ...present } as LineDetails,
  };
}
