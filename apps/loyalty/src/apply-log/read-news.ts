import { PROMISE_EVENT_PREFIX, RULES_TYPE, SOURCES, TICK_TYPE, TOPICS, type CloudEvent } from '#libs/contracts';
import { parseInstant } from '#libs/kernel';
import type { LogRecord } from '#libs/messaging';
import type { Signals } from '#libs/signals';
import { documentOf, type CustomerDocument } from '../customer-document/document.js';
import type { News } from '../customer-document/news.js';
import { FieldError, text } from './fields.js';
import { isClaim, isLine, isSettlement, partOfClaim, partOfLine, partOfSettlement } from './read-line.js';
import { partOfPromise } from './read-promise.js';
import { customerOfSignal, partOfSignal } from './read-signal.js';
import { readRules, type AppliedRules } from '../rules-in-force/rules-event.js';
import { ERASED_TYPE, HISTORY_ASKED_TYPE, HISTORY_MOVED_TYPE } from '../merge-customers/moving.js';

/** What a record is to loyalty: news of a customer, passing time, a matter of merging, nothing, or an unreadable letter. */
export type Reading =
  | News
  | { readonly kind: 'tick'; readonly tickId: string; readonly atMs: number }
  | { readonly kind: 'merged' | 'asked'; readonly customer: string; readonly from: string; readonly event: CloudEvent }
  | { readonly kind: 'erased'; readonly customer: string; readonly event: CloudEvent }
  | { readonly kind: 'rules'; readonly applied: AppliedRules }
  | { readonly kind: 'ignored' }
  | { readonly kind: 'rejected'; readonly reason: string; readonly detail: string };

/** What loyalty tells itself, over `makegood.signals.v1`. */
const OURS: ReadonlySet<string> = new Set([HISTORY_ASKED_TYPE, HISTORY_MOVED_TYPE, ERASED_TYPE, RULES_TYPE]);
const MERGED_TYPE = 'customer.merged';
const IGNORED: Reading = { kind: 'ignored' };
/** Of whom nothing is known but the promise: a verdict as for anyone, but no score. */
const ANONYMOUS_PREFIX = 'anonymous:';

/** Reads one record of any of the service's topics. Never throws. */
export function readNews(record: LogRecord, signals: Signals): Reading {
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
    if (!isKnown(event.type, signals)) return IGNORED;
    if (typeof event.data !== 'object' || event.data === null) throw new FieldError('data: expected an object');
    return record.topic === TOPICS.signals ? readSignal(event, record.key, signals) : readOurs(event, record.key);
  } catch (error) {
    if (!(error instanceof FieldError)) throw error;
    const reason = record.topic === TOPICS.signals ? 'SIGNAL_INVALID' : 'EVENT_INVALID';
    return { kind: 'rejected', reason, detail: `${event.type}: ${error.message}` };
  }
}

function isKnown(type: string, { rules }: Signals): boolean {
  if (type.startsWith(PROMISE_EVENT_PREFIX) || type === TICK_TYPE || isLine(type) || isSettlement(type)) return true;
  if (isClaim(type)) return true;
  return rules.has(type) || OURS.has(type);
}

function readOurs(event: CloudEvent, key: string | null): Reading {
  const { type, data } = event;
  if (type === TICK_TYPE) {
    const atMs = parseInstant(event.time);
    return atMs === null ? IGNORED : { kind: 'tick', tickId: event.id, atMs };
  }
  if (isSettlement(type)) {
    const customer = typeof data['customer'] === 'string' ? data['customer'] : (key ?? '');
    return newsOf(event, customer, key, () => ({ part: partOfSettlement(event) }));
  }
  if (isClaim(type)) return newsOf(event, text(data, 'customer'), key, () => ({ part: partOfClaim(event) }));
  const isPromise = type.startsWith(PROMISE_EVENT_PREFIX);
  if ((!isPromise && !isLine(type)) || data['mode'] === 'shadow') return IGNORED;
  return newsOf(event, text(data, 'customer'), key, () =>
    isPromise ? partOfPromise(event) : { part: partOfLine(event) },
  );
}

function readSignal(event: CloudEvent, key: string | null, signals: Signals): Reading {
  const { type, data } = event;
  if (type === MERGED_TYPE) return merging('merged', event, text(data, 'into'), text(data, 'from'), key);
  if (event.source === SOURCES.loyalty) {
    if (type === HISTORY_ASKED_TYPE) return merging('asked', event, text(data, 'customer'), text(data, 'into'), key);
    if (type === HISTORY_MOVED_TYPE) return readMoved(event, key);
    if (type === RULES_TYPE) return { kind: 'rules', applied: readRules(event) };
    if (type === ERASED_TYPE) return { kind: 'erased', customer: text(data, 'customer'), event };
  }
  const customer = customerOfSignal(event, signals);
  return customer === null ? IGNORED : newsOf(event, customer, key, () => ({ part: partOfSignal(event, signals) }));
}

/** `customer` is the one whose shard this is, `from` the other. */
function merging(
  kind: 'merged' | 'asked',
  event: CloudEvent,
  customer: string,
  from: string,
  key: string | null,
): Reading {
  ownedBy(customer, key);
  if (customer === from) throw new FieldError('data.from: expected another customer than data.into, found the same');
  return { kind, customer, from, event };
}

function readMoved(event: CloudEvent, key: string | null): Reading {
  const { data } = event;
  const cause = (data['cause'] ?? {}) as { readonly eventId?: unknown; readonly type?: unknown };
  const { eventId, type: eventType } = { eventId: text(cause, 'eventId'), type: text(cause, 'type') };
  const news = newsOf(event, text(data, 'customer'), key, () => ({
    part: documentOf(data['part'] as Partial<CustomerDocument>),
  }));
  if (news.kind !== 'news') return news;
  const toldBy = eventType === MERGED_TYPE ? { toldBy: event.id } : {};
  return { ...news, eventId, eventType, ...toldBy, via: data['via'] as string[] };
}

function newsOf(
  event: CloudEvent,
  customer: string,
  key: string | null,
  read: () => Pick<News, 'part' | 'verdict'>,
): News | typeof IGNORED {
  if (customer.startsWith(ANONYMOUS_PREFIX)) return IGNORED;
  ownedBy(customer, key);
  return { kind: 'news', eventId: text(event, 'id'), eventType: event.type, customer, ...read() };
}

/** One shard owns a customer because the key says so: a record under another key would be written by two. */
function ownedBy(customer: string, key: string | null): void {
  if (customer === '' || key !== customer)
    throw new FieldError('data.customer: expected the key of the record, found another customer');
}
