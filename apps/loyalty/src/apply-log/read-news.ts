import {
  PROMISE_EVENT_PREFIX,
  type CloudEvent,
  type LineAction,
  type PromiseType,
  type RemedyKind,
} from '#libs/contracts';
import { isMoney, parseInstant, POINTS_CURRENCY, type Money } from '#libs/kernel';
import type { LogRecord } from '#libs/messaging';
import { OUTCOMES, type KnownVerdict, type Outcome } from '../customer-document/document.js';
import type { LineNews, News, PromiseNews } from '../customer-document/learn.js';
import { TOLERANCE_MS } from '../customer-document/model-events.js';

/** What a record is to loyalty: news of a customer, nothing to it, or a letter that cannot be read. */
export type Reading =
  News | { readonly kind: 'ignored' } | { readonly kind: 'rejected'; readonly reason: string; readonly detail: string };

const IGNORED: Reading = { kind: 'ignored' };
const LINE_TYPE =
  /^makegood\.(refund|credit|voucher|points|apology|notice|gift|callback)\.(requested|cancelled|recall-requested)$/;
/** Of whom nothing is known but the promise: a verdict as for anyone, but no score. */
const ANONYMOUS_PREFIX = 'anonymous:';
const TEXT_CHARS_MAX = 200;

/** Thrown and caught in this file: a field is not what the contract says. */
class FieldError extends Error {}

/** Reads one record of any of the service's topics. Never throws. */
export function readNews(record: LogRecord): Reading {
  let event: CloudEvent;
  try {
    event = JSON.parse(record.value.toString('utf8')) as CloudEvent;
  } catch (error) {
    return { kind: 'rejected', reason: 'JSON_MALFORMED', detail: (error as Error).message };
  }
  if (typeof event !== 'object' || event === null || typeof event.type !== 'string') {
    return { kind: 'rejected', reason: 'NOT_A_CLOUD_EVENT', detail: 'expected an object with a type, found none' };
  }
  try {
    return readEvent(event, record.key);
  } catch (error) {
    if (!(error instanceof FieldError)) throw error;
    return { kind: 'rejected', reason: 'EVENT_INVALID', detail: `${event.type}: ${error.message}` };
  }
}

function readEvent(event: CloudEvent, key: string | null): Reading {
  const line = LINE_TYPE.exec(event.type);
  const isPromise = event.type.startsWith(PROMISE_EVENT_PREFIX);
  if (!isPromise && !line) return IGNORED;
  const { data } = event;
  if (typeof data !== 'object' || data === null) throw new FieldError('data: expected an object');
  const customer = text(data, 'customer');
  if (customer.startsWith(ANONYMOUS_PREFIX) || data['mode'] === 'shadow') return IGNORED;
  // One shard owns a customer because the key says so: a record under another key would be written by two.
  if (key !== customer) throw new FieldError('data.customer: expected the key of the record, found another customer');
  const about = { eventId: text(event, 'id'), eventType: event.type, customer, promiseId: text(data, 'promiseId') };
  return line ? readLine(event, about, line[1] as RemedyKind, line[2] as LineAction) : readPromise(event, about);
}

type About = Pick<News, 'eventId' | 'eventType' | 'customer' | 'promiseId'>;

function readPromise({ type, data }: CloudEvent, about: About): PromiseNews {
  const state = text(data, 'state');
  const outcome = data['verdict'] ?? null;
  if (outcome !== null && !OUTCOMES.includes(outcome as Outcome)) {
    throw new FieldError(`data.verdict: expected null or one of ${OUTCOMES.join(', ')}`);
  }
  const promiseType = text(data, 'promiseType');
  if (!Object.hasOwn(TOLERANCE_MS, promiseType)) {
    throw new FieldError(`data.promiseType: expected one of ${Object.keys(TOLERANCE_MS).join(', ')}`);
  }
  const verdict: KnownVerdict = {
    sequence: positive(data, 'sequence'),
    promiseType: promiseType as PromiseType,
    guarantee: text(data, 'guarantee'),
    subject: text(data, 'subject'),
    openedAtMs: instant(data, 'openedAt'),
    dueAtMs: instant(data, 'dueAt'),
    decidedAtMs: instant(data, 'decidedAt'),
    outcome: outcome as Outcome | null,
    completedAtMs:
      data['completedAt'] === undefined || data['completedAt'] === null ? null : instant(data, 'completedAt'),
    final: state === 'final' || type === `${PROMISE_EVENT_PREFIX}finalized`,
    lossMinor: lossOf(data['base']),
  };
  return { ...about, kind: 'promise', verdict };
}

function readLine(event: CloudEvent, about: About, kind: RemedyKind, action: LineAction): LineNews {
  const { data } = event;
  const decidedAtMs = instant(event, 'time');
  return {
    ...about,
    kind: 'line',
    lineId: text(data, 'lineId'),
    decidedAtMs,
    line: {
      lineSequence: positive(data, 'lineSequence'),
      kind,
      standing: action !== 'cancelled',
      requestedAtMs: action === 'requested' ? decidedAtMs : null,
      amount: amountOf(data),
    },
  };
}

function amountOf(data: Fields): Money | null {
  const { amount, points } = data;
  if (amount !== undefined) {
    if (!isMoney(amount)) throw new FieldError('data.amount: expected {amountMinor, currency}');
    return { amountMinor: amount.amountMinor, currency: amount.currency };
  }
  return points === undefined ? null : { amountMinor: positive(data, 'points'), currency: POINTS_CURRENCY };
}

/** The largest base in each currency: what the customer had at stake. */
function lossOf(base: unknown): Record<string, number> {
  const loss: Record<string, number> = {};
  for (const money of Object.values(base ?? {})) {
    if (isMoney(money)) loss[money.currency] = Math.max(loss[money.currency] ?? 0, money.amountMinor);
  }
  return loss;
}

type Fields = Readonly<Record<string, unknown>>;

function text(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === 'string' && value !== '' && value.length <= TEXT_CHARS_MAX) return value;
  throw new FieldError(`${name}: expected a text of 1 to ${TEXT_CHARS_MAX} characters`);
}

function positive(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
  throw new FieldError(`${name}: expected an integer above 0`);
}

function instant(fields: Fields, name: string): number {
  const value = parseInstant(fields[name]);
  if (value !== null) return value;
  throw new FieldError(`${name}: expected an RFC 3339 instant`);
}
