import type { CloudEvent, LineAction, RemedyKind } from '#libs/contracts';
import { isMoney, parseInstant, POINTS_CURRENCY, type Money } from '#libs/kernel';
import {
  EMPTY_DOCUMENT,
  UNKNOWN_PROMISE,
  type CustomerDocument,
  type KnownLine,
  type KnownSettlement,
} from '../customer-document/document.js';
import { FieldError, instant, positive, text, type Fields } from './fields.js';

const LINE_TYPE =
  /^makegood\.(refund|credit|voucher|points|apology|notice|gift|callback)\.(requested|cancelled|recall-requested)$/;
const SETTLEMENT_TYPE = /^makegood\.compensation\.(settled|failed|reversed|unclaimed)$/;

export const isLine = (type: string): boolean => LINE_TYPE.test(type);
const CLAIM_TYPE = 'makegood.claim.answered';

export const isClaim = (type: string): boolean => type === CLAIM_TYPE;
export const isSettlement = (type: string): boolean => SETTLEMENT_TYPE.test(type);

/** What one event of a compensation's line tells. */
export function partOfLine(event: CloudEvent): CustomerDocument {
  const [, kind, action] = LINE_TYPE.exec(event.type) as unknown as [string, RemedyKind, LineAction];
  const { data } = event;
  const decidedAtMs = instant(event, 'time');
  const explained = (kind === 'apology' || kind === 'notice') && isExplained(data);
  const line: KnownLine = {
    lineSequence: positive(data, 'lineSequence'),
    kind,
    standing: action !== 'cancelled',
    requestedAtMs: action === 'requested' ? decidedAtMs : null,
    amount: amountOf(data),
    ...(explained ? { explained } : {}),
  };
  const promise = { ...UNKNOWN_PROMISE, lines: { [text(data, 'lineId')]: line } };
  return { ...EMPTY_DOCUMENT, asOfMs: decidedAtMs, promises: { [text(data, 'promiseId')]: promise } };
}

/** What became of a line: whose promise it serves is known by the line itself. */
export function partOfSettlement(event: CloudEvent): CustomerDocument {
  const { data } = event;
  const decidedAtMs = instant(event, 'time');
  const settlement: KnownSettlement = {
    lineSequence: positive(data, 'lineSequence'),
    result: (SETTLEMENT_TYPE.exec(event.type) as RegExpExecArray)[1] as KnownSettlement['result'],
    atMs: parseInstant(data['paidAt']) ?? decidedAtMs,
  };
  return { ...EMPTY_DOCUMENT, asOfMs: decidedAtMs, settlements: { [text(data, 'lineId')]: settlement } };
}

/** An answered claim: what is granted from then on, the customer had to ask for. */
export function partOfClaim(event: CloudEvent): CustomerDocument {
  const atMs = instant(event, 'time');
  const { promiseId } = event.data;
  if (promiseId === undefined) return EMPTY_DOCUMENT;
  const promise = { ...UNKNOWN_PROMISE, claimedAtMs: atMs };
  return { ...EMPTY_DOCUMENT, asOfMs: atMs, promises: { [text(event.data, 'promiseId')]: promise } };
}

/** The words that go to the customer have a body, and the reasons why. */
function isExplained({ body, explanation }: Fields): boolean {
  return typeof body === 'string' && body !== '' && Array.isArray(explanation) && explanation.length > 0;
}

function amountOf(data: Fields): Money | null {
  const { amount, points } = data;
  if (amount !== undefined) {
    if (!isMoney(amount)) throw new FieldError('data.amount: expected {amountMinor, currency}');
    return { amountMinor: amount.amountMinor, currency: amount.currency };
  }
  return points === undefined ? null : { amountMinor: positive(data, 'points'), currency: POINTS_CURRENCY };
}
