import { quietUntilMs } from '#libs/calendar';
import { formatInstant, lineIdOf } from '#libs/kernel';
import type { OwedRemedy } from '#libs/remedy-engine';
import type { Draft } from './draft.js';
import type { Entitlement } from './entitlement.js';
import { heldFor, HOLD_SEPARATOR } from './hold.js';
import { UNTOUCHED, WORD_KINDS, type Line, type LineDetails } from './line.js';
import type { DecisionContext, Words } from './settle-entitlement.js';
import { moneyOf, sumStanding } from './take-back.js';
import { taxShares } from './tax-shares.js';

/** Issues what is missing of a remedy: as one line, or as two where part of it is set off against what is owed to us. */
export function issue(
  entitlement: Entitlement,
  draft: Draft,
  remedy: OwedRemedy,
  missing: number,
  context: DecisionContext,
): void {
  const setOff = Math.min(missing, setOffRoom(entitlement, remedy, context));
  if (setOff > 0) issueSetOff(entitlement, draft, remedy, setOff, context);
  if (missing > setOff) issueAsked(entitlement, draft, remedy, missing - setOff, context);
}

function setOffRoom(entitlement: Entitlement, remedy: OwedRemedy, context: DecisionContext): number {
  if (!remedy.isMoney || context.afterPayment.kind !== 'offset' || entitlement.promise.mode === 'shadow') return 0;
  return context.receivableOf(beneficiaryOf(entitlement, remedy), remedy.currency as string);
}

/** Paid by what its beneficiary owes us: asked of nobody, told as settled. */
function issueSetOff(
  entitlement: Entitlement,
  draft: Draft,
  remedy: OwedRemedy,
  amountMinor: number,
  context: DecisionContext,
): void {
  const { lineId } = add(entitlement, draft, { remedy, amountMinor, words: null, context }, { state: 'requested' });
  draft.book(lineId, 'requested', amountMinor, 1);
  draft.book(lineId, 'offset', amountMinor, 1);
  const line = draft.change(lineId, { state: 'paid', paidMinor: amountMinor });
  draft.proclaim(lineId, 'settled', { reference: 'offset', reason: 'offset', ...moneyOf(line, amountMinor) });
}

function issueAsked(
  entitlement: Entitlement,
  draft: Draft,
  remedy: OwedRemedy,
  amountMinor: number,
  context: DecisionContext,
): void {
  const isWords = WORD_KINDS.includes(remedy.kind);
  const words = isWords ? context.wordsOf(remedy) : null;
  if (isWords && !words) return;
  const substance = { remedy, amountMinor, words, context };
  if (entitlement.promise.mode === 'shadow') {
    add(entitlement, draft, substance, { state: 'shadow' });
    return;
  }
  const ofRemedy = draft.ofRemedy(remedy.remedyId).filter(({ currency }) => currency === remedy.currency);
  const gated = context.gate.holdOf({
    remedyId: remedy.remedyId,
    currency: remedy.currency,
    isMoney: remedy.isMoney,
    amountMinor,
    remedyMinor: sumStanding(ofRemedy) + amountMinor,
    beneficiary: beneficiaryOf(entitlement, remedy),
  });
  const hold = words?.hold === undefined ? gated : heldFor(words.hold, gated);
  if (hold) {
    const { lineId, currency } = add(entitlement, draft, substance, { state: 'held', hold });
    draft.proclaim(lineId, 'held', {
      reason: hold.reasons.join(HOLD_SEPARATOR),
      ...moneyOf({ currency }, amountMinor),
    });
    return;
  }
  const state = words?.merged ? 'merged' : 'requested';
  const { lineId } = add(entitlement, draft, substance, { state });
  if (state === 'requested') ask(draft, lineId);
}

/** Asks for a line now, or, where it is quiet at whom its words go to, once that is over. */
export function ask(draft: Draft, lineId: string): void {
  const { quiet } = draft.line(lineId);
  const wakeAtMs = quiet === null ? null : quietUntilMs(quiet, quiet.zone, draft.atMs);
  if (wakeAtMs === null) request(draft, lineId);
  else draft.change(lineId, { state: 'waiting', wakeAtMs });
}

/** Tells a line and books it. */
export function request(draft: Draft, lineId: string): void {
  draft.change(lineId, { state: 'requested', wakeAtMs: null });
  draft.tell(lineId, 'requested');
  const line = draft.line(lineId);
  draft.book(lineId, 'requested', line.amountMinor, line.lineSequence);
}

interface Substance {
  readonly remedy: OwedRemedy;
  readonly amountMinor: number;
  readonly words: Words | null;
  readonly context: DecisionContext;
}

function add(
  entitlement: Entitlement,
  draft: Draft,
  { remedy, amountMinor, words, context }: Substance,
  fate: Pick<Line, 'state'> & Partial<Pick<Line, 'hold'>>,
): Line {
  const n = Math.max(0, ...draft.ofRemedy(remedy.remedyId).map((line) => line.n)) + 1;
  const kind = words?.kind ?? remedy.kind;
  const line: Line = {
    lineId: lineIdOf(entitlement.breachId, remedy.remedyId, n),
    remedyId: remedy.remedyId,
    n,
    kind,
    currency: remedy.currency,
    amountMinor,
    ...UNTOUCHED,
    beneficiary: beneficiaryOf(entitlement, remedy),
    apologyDay: words?.apologyDay ?? null,
    route: remedy.isMoney ? context.gate.routeOf(kind) : 'topic',
    quiet: words?.quiet ?? null,
    issuedAtMs: context.atMs,
    details: detailsOf(remedy, words, taxShares(remedy, amountMinor, context.taxOf)),
    ...fate,
  };
  draft.add(line);
  return line;
}

/** The person behind the party that the remedy names; the customer where there is none. */
export function beneficiaryOf({ promise }: Pick<Entitlement, 'promise'>, remedy: Pick<OwedRemedy, 'party'>): string {
  return promise.parties[remedy.party] ?? promise.customer;
}

function detailsOf(remedy: OwedRemedy, words: Words | null, tax: LineDetails['tax']): LineDetails {
  return {
    nature: remedy.nature,
    ...(remedy.label === undefined ? {} : { label: remedy.label }),
    ...(remedy.base === undefined ? {} : { base: remedy.base }),
    ...(tax === undefined ? {} : { tax }),
    explanation: remedy.explanation,
    reasons: remedy.reasons,
    ...(remedy.payByMs === undefined ? {} : { payBy: formatInstant(remedy.payByMs) }),
    ...(remedy.expiresAtMs === undefined ? {} : { expiresAt: formatInstant(remedy.expiresAtMs) }),
    ...(remedy.item === undefined ? {} : { item: remedy.item }),
    ...words?.details,
  };
}
