import {
  TOPICS,
  type CloudEvent,
  type LineEvent,
  type LineEventData,
  type PromiseEvent,
  type PromiseEventData,
} from '#libs/contracts';
import { formatInstant, promiseEventIdOf, type InstantMs } from '#libs/kernel';
import type { LogRecord } from '#libs/messaging';
import { loadSignals, type Signals } from '#libs/signals';
import { readFileSync } from 'node:fs';
import type { News } from '../customer-document/news.js';
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

export function recordOf(
  event: { readonly type: string; readonly data: object; readonly source?: string },
  offset = 0,
): LogRecord {
  const { customer, into } = event.data as { readonly customer?: string; readonly into?: string };
  return {
    topic: /^makegood\.(?!customer\.)/.test(event.type) ? TOPICS.promises : TOPICS.signals,
    partition: 0,
    offset,
    timestampMs: START_MS,
    key: customer ?? into ?? 'c1',
    value: Buffer.from(JSON.stringify(event)),
  };
}

/** What the shipped signals.yaml says. */
export const SAMPLE_SIGNALS: Signals = loadSignals({
  file: 'samples/signals.yaml',
  text: readFileSync('samples/signals.yaml', 'utf8'),
});

/** A signal of customer `c1` unless told otherwise. */
export function signalEvent(type: string, atMs: InstantMs, data: object = {}, id = `${type} ${atMs}`): CloudEvent {
  return {
    specversion: '1.0',
    id,
    source: 'shop',
    type,
    subject: 'c1',
    time: formatInstant(atMs),
    data: { customer: 'c1', ...data },
  };
}

/** What became of a line, as compensation tells it. */
export function settlementEvent(result: string, atMs: InstantMs, lineId = 'l1', lineSequence = 2): CloudEvent {
  return {
    specversion: '1.0',
    id: `${lineId}/${lineSequence}`,
    source: 'makegood/compensation',
    type: `makegood.compensation.${result}`,
    subject: 's1',
    time: formatInstant(atMs),
    data: { lineId, lineSequence },
  };
}

/** News as the service reads them; fails where it would not take the event. */
export function newsOf(event: PromiseEvent | LineEvent | CloudEvent): News {
  const reading = readNews(recordOf(event), SAMPLE_SIGNALS);
  if (reading.kind === 'news') return reading;
  throw new Error(`no news in ${event.type}: ${JSON.stringify(reading)}`);
}
