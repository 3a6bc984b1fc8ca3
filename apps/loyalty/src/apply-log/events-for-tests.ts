import { TOPICS, type LineEvent, type LineEventData, type PromiseEvent, type PromiseEventData } from '#libs/contracts';
import { formatInstant, promiseEventIdOf, type InstantMs } from '#libs/kernel';
import type { LogRecord } from '#libs/messaging';
import type { News } from '../customer-document/learn.js';
import { readNews } from './read-news.js';

export const DAY_MS = 86_400_000;
/** 2026-03-01T12:00:00Z. */
export const START_MS = 1_772_366_400_000;

export type PromiseFields = Partial<Omit<PromiseEventData, 'openedAt' | 'dueAt' | 'completedAt' | 'decidedAt'>> & {
  readonly kind: string;
  readonly decidedAtMs: InstantMs;
  readonly openedAtMs?: InstantMs;
  readonly dueAtMs?: InstantMs;
  readonly completedAtMs?: InstantMs;
};

/** A promise event as sla-timer writes it: promise `p1` to customer `c1`, due a day after START_MS unless told otherwise. */
export function promiseEvent({
  kind,
  decidedAtMs,
  openedAtMs,
  dueAtMs,
  completedAtMs,
  ...fields
}: PromiseFields): PromiseEvent {
  const promiseId = fields.promiseId ?? '11111111-1111-5111-8111-111111111111';
  const sequence = fields.sequence ?? 1;
  return {
    specversion: '1.0',
    id: promiseEventIdOf(promiseId, sequence),
    source: 'makegood/sla-timer',
    type: `makegood.promise.${kind}`,
    subject: fields.subject ?? 's1',
    time: formatInstant(decidedAtMs),
    data: {
      promiseId,
      sequence,
      guarantee: 'ems-express',
      guaranteeVersion: 1,
      mode: 'live',
      promiseType: 'delivery',
      subject: 's1',
      cycle: '',
      customer: 'c1',
      parties: { customer: fields.customer ?? 'c1' },
      refs: {},
      state: 'open',
      verdict: null,
      openedAt: formatInstant(openedAtMs ?? START_MS),
      dueAt: formatInstant(dueAtMs ?? START_MS + DAY_MS),
      ...(completedAtMs === undefined ? {} : { completedAt: formatInstant(completedAtMs) }),
      decidedAt: formatInstant(decidedAtMs),
      base: { postage: { amountMinor: 2_000, currency: 'CNY' } },
      facts: {},
      evidence: [],
      explanation: [],
      reasons: [],
      ...fields,
    },
  };
}

export type LineFields = Partial<LineEventData> & { readonly type: string; readonly decidedAtMs: InstantMs };

/** An event of a line of promise `p1`: a refund of the postage unless told otherwise. */
export function lineEvent({ type, decidedAtMs, ...fields }: LineFields): LineEvent {
  const lineId = fields.lineId ?? 'l1';
  return {
    specversion: '1.0',
    id: `${lineId}/${fields.lineSequence ?? 1}`,
    source: 'makegood/compensation',
    type: `makegood.${type}`,
    subject: 's1',
    time: formatInstant(decidedAtMs),
    data: {
      compensationId: 'k1',
      lineId,
      lineSequence: 1,
      breachId: 'b1',
      promiseId: '11111111-1111-5111-8111-111111111111',
      guarantee: 'ems-express',
      guaranteeVersion: 1,
      subject: 's1',
      customer: 'c1',
      parties: { customer: 'c1' },
      refs: {},
      nature: 'price-reduction',
      route: 'topic',
      explanation: [],
      reasons: [],
      idempotencyKey: lineId,
      ...(type.startsWith('refund') ? { amount: { amountMinor: 2_000, currency: 'CNY' } } : {}),
      ...fields,
    },
  };
}

export function recordOf(event: { readonly data: { readonly customer: string } }, offset = 0): LogRecord {
  return {
    topic: TOPICS.promises,
    partition: 0,
    offset,
    timestampMs: START_MS,
    key: event.data.customer,
    value: Buffer.from(JSON.stringify(event)),
  };
}

/** News as the service reads them; fails where it would not take the event. */
export function newsOf(event: PromiseEvent | LineEvent): News {
  const reading = readNews(recordOf(event));
  if (reading.kind === 'promise' || reading.kind === 'line') return reading;
  throw new Error(`no news in ${event.type}: ${JSON.stringify(reading)}`);
}
