import { hash } from 'node:crypto';
import { PROMISE_EVENT_PREFIX, TICK_TYPE, type PromiseEvent, type PromiseEventData } from '#libs/contracts';
import { parseInstant, type InstantMs } from '#libs/kernel';
import type { LogRecord } from '#libs/messaging';
import type { Rejected } from '#libs/shard-log';

/** A promise event that may change what is owed. */
export interface PromiseRecord {
  readonly record: LogRecord;
  readonly type: string;
  readonly data: PromiseEventData;
  readonly decidedAtMs: InstantMs;
}

export type ReadRecord =
  | { readonly kind: 'tick'; readonly atMs: InstantMs }
  | { readonly kind: 'promise'; readonly promise: PromiseRecord }
  | { readonly kind: 'no-matter' }
  | { readonly kind: 'rejected'; readonly rejected: Rejected };

/** Told before any verdict of a breach, or beside it: they never change what is owed. */
const NO_MATTER = new Set(
  ['opened', 'overdue', 'unknown', 'paused', 'resumed', 'owner-changed'].map((kind) => PROMISE_EVENT_PREFIX + kind),
);
/** These concern only what is told before due, under guarantees that tell it. */
const NOTICES_ALONE = new Set(['at-risk', 'kept'].map((kind) => PROMISE_EVENT_PREFIX + kind));

export function concernsNoticesAlone({ type }: PromiseRecord): boolean {
  return NOTICES_ALONE.has(type);
}

export function readPromiseRecord(record: LogRecord): ReadRecord {
  const text = record.value.toString('utf8');
  let event: PromiseEvent;
  try {
    event = JSON.parse(text) as PromiseEvent;
  } catch (error) {
    return reject(record, `no JSON: ${(error as Error).message}`);
  }
  if (event?.type === TICK_TYPE) return { kind: 'tick', atMs: record.timestampMs };
  if (typeof event?.type !== 'string' || !event.type.startsWith(PROMISE_EVENT_PREFIX)) {
    return reject(record, 'neither a promise event nor a tick');
  }
  if (NO_MATTER.has(event.type)) return { kind: 'no-matter' };
  const { data } = event;
  const decidedAtMs = parseInstant(data?.decidedAt);
  if (decidedAtMs === null || typeof data.promiseId !== 'string' || !Number.isSafeInteger(data.sequence)) {
    return reject(record, 'a promise event without promiseId, sequence or decidedAt');
  }
  return { kind: 'promise', promise: { record, type: event.type, data, decidedAtMs } };
}

/** Of everything that must be the same when the same (promiseId, sequence) is read again; words may be put anew. */
export function contentHashOf({ type, data }: PromiseRecord): string {
  const { explanation: _, reasons: __, ...content } = data;
  return hash('sha256', JSON.stringify([type, content]), 'base64url');
}

function reject(record: LogRecord, detail: string): ReadRecord {
  return { kind: 'rejected', rejected: { record, reason: 'PROMISE_EVENT_INVALID', detail, holdsKey: true } };
}
