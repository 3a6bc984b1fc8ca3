import { partitionOf, SOURCES, TOPICS, encodeCloudEvent, type CloudEvent } from '#libs/contracts';
import { nameIdOf } from '#libs/kernel';
import type { Outgoing } from '#libs/shard-log';
import { EMPTY_DOCUMENT, type CustomerDocument } from '../customer-document/document.js';
import type { News } from '../customer-document/news.js';

/*
 * A customer lives on the shard of their id, so a merge takes three records: `customer.merged` is read where the one who stays
 * lives; that shard asks the other's; which closes its book and sends what it knows, and later whatever it still hears. All
 * by the outbox, in the transaction that decides it. What is moved is joined, and joining twice is joining once.
 */
export const HISTORY_ASKED_TYPE = 'makegood.customer.history-asked';
export const HISTORY_MOVED_TYPE = 'makegood.customer.history-moved';
export const ERASED_TYPE = 'makegood.customer.erased';

/** Promises and signals in one record: some 100 KiB, far below what a broker takes. */
const ENTRIES_PER_RECORD_MAX = 200;

type Cause = { readonly eventId: string; readonly type: string };

export function askForHistory(from: string, into: string, event: CloudEvent, shardCount: number): Outgoing {
  const cause = { eventId: event.id, type: event.type };
  return outgoing(HISTORY_ASKED_TYPE, from, event, { customer: from, into, cause }, [event.id, from], shardCount);
}

/** Everything known of a customer, on its way to who they turned out to be. */
export function moveHistory(
  from: string,
  into: string,
  document: CustomerDocument,
  event: CloudEvent,
  shardCount: number,
): Outgoing[] {
  const cause = event.data['cause'] as Cause;
  return partsOf(document, from).map((part, n) =>
    outgoing(
      HISTORY_MOVED_TYPE,
      into,
      event,
      { customer: into, part, via: [from], cause },
      [event.id, into, n, JSON.stringify(part)],
      shardCount,
    ),
  );
}

/** News of a customer whose book is closed go on to who they turned out to be. */
export function forward(
  { eventId, eventType, part, via }: News,
  from: string,
  into: string,
  time: string,
  shardCount: number,
): Outgoing {
  const cause = { eventId, type: eventType };
  const passed = [...(via ?? []), from];
  const { mergedInto: _closed, ...told } = part;
  const names = [eventId, into, from, JSON.stringify(told)];
  return outgoing(
    HISTORY_MOVED_TYPE,
    into,
    { time },
    { customer: into, part: told, via: passed, cause },
    names,
    shardCount,
  );
}

function partsOf(document: CustomerDocument, from: string): CustomerDocument[] {
  const { promises, signals, mergedInto: _closed, ...whole } = document;
  const entries = [
    ...Object.entries(promises).map(([key, value]) => ['promises', key, value] as const),
    ...Object.entries(signals).map(([key, value]) => ['signals', key, value] as const),
  ];
  const first: CustomerDocument = {
    ...EMPTY_DOCUMENT,
    ...whole,
    mergedFrom: [...new Set([...document.mergedFrom, from])].sort(),
  };
  const parts: CustomerDocument[] = [];
  for (let i = 0; i < Math.max(1, entries.length); i += ENTRIES_PER_RECORD_MAX) {
    const some = entries.slice(i, i + ENTRIES_PER_RECORD_MAX);
    const of = (kind: string) =>
      Object.fromEntries(some.filter((each) => each[0] === kind).map(([, key, value]) => [key, value]));
    const base = i === 0 ? first : { ...EMPTY_DOCUMENT, asOfMs: document.asOfMs };
    parts.push({ ...base, promises: of('promises'), signals: of('signals') } as CustomerDocument);
  }
  return parts;
}

/** @param names what the id follows from; where the content follows from more, the content is one of them */
function outgoing(
  type: string,
  customer: string,
  { time }: Pick<CloudEvent, 'time'>,
  data: Readonly<Record<string, unknown>>,
  names: readonly (string | number)[],
  shardCount: number,
): Outgoing {
  const event: CloudEvent = {
    specversion: '1.0',
    id: nameIdOf(type, ...names),
    source: SOURCES.loyalty,
    type,
    subject: customer,
    time,
    data,
  };
  return {
    topic: TOPICS.signals,
    partition: partitionOf(customer, shardCount),
    key: customer,
    value: encodeCloudEvent(event),
  };
}
