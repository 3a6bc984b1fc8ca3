import { TOPICS } from '#libs/contracts';
import type { LogRecord } from '#libs/messaging';
import { lineEvent, promiseEvent, recordOf, START_MS } from './events-for-tests.js';
import { readNews } from './read-news.js';

const record = (value: string, key: string | null = 'c1'): LogRecord => ({
  topic: TOPICS.promises,
  partition: 0,
  offset: 0,
  timestampMs: START_MS,
  key,
  value: Buffer.from(value),
});
const promise = promiseEvent({ kind: 'opened', decidedAtMs: START_MS });
const withData = (data: object): LogRecord =>
  record(JSON.stringify({ ...promise, data: { ...promise.data, ...data } }));

describe('reading a record', () => {
  it.each([
    ['no JSON', record('{"type":'), 'JSON_MALFORMED', ''],
    ['no object', record('[1]'), 'NOT_A_CLOUD_EVENT', 'type'],
    ['null', record('null'), 'NOT_A_CLOUD_EVENT', 'type'],
    ['no data', record(JSON.stringify({ ...promise, data: null })), 'EVENT_INVALID', 'data'],
    ['no sequence', withData({ sequence: 0 }), 'EVENT_INVALID', 'sequence'],
    ['a wrong instant', withData({ dueAt: '2026-02-31T00:00:00Z' }), 'EVENT_INVALID', 'dueAt'],
    ['an unknown verdict', withData({ verdict: 'late' }), 'EVENT_INVALID', 'kept, breached, excused, cancelled'],
    ['an inherited promise type', withData({ promiseType: 'constructor' }), 'EVENT_INVALID', 'promiseType'],
    ['another customer than its key', recordOfOther(), 'EVENT_INVALID', 'key'],
    ['an amount that is no money', moneyRecord({ amountMinor: 1.5, currency: 'CNY' }), 'EVENT_INVALID', 'amount'],
  ])('refuses %s with its reason', (_, poison, reason, word) => {
    expect(readNews(poison)).toMatchObject({ kind: 'rejected', reason, detail: expect.stringContaining(word) });
  });

  it.each([
    ['a tick', record(JSON.stringify({ type: 'makegood.tick', data: { everyMs: 250, silent: [] } }), null)],
    ['a type it does not know', record(JSON.stringify({ type: 'shop.purchase', data: null }))],
    [
      'a notice about a line',
      record(JSON.stringify({ type: 'makegood.compensation.settled', data: { lineId: 'l1' } })),
    ],
    ['a promise on trial', withData({ mode: 'shadow' })],
    [
      'a promise to nobody known',
      recordOf(promiseEvent({ kind: 'opened', decidedAtMs: START_MS, customer: 'anonymous:s1' })),
    ],
  ])('passes %s by', (_, passing) => {
    expect(readNews(passing)).toEqual({ kind: 'ignored' });
  });

  it('reads what a promise was about: the largest base of each currency', () => {
    const base = {
      fee: { amountMinor: 5, currency: 'EUR' },
      rate: { amountMinor: 90, currency: 'EUR' },
      deposit: { amountMinor: 7, currency: 'USD' },
    };
    expect(readNews(withData({ base }))).toMatchObject({ verdict: { lossMinor: { EUR: 90, USD: 7 } } });
  });
});

function recordOfOther(): LogRecord {
  return { ...recordOf(promise), key: 'c2' };
}

function moneyRecord(amount: object): LogRecord {
  const line = lineEvent({ type: 'refund.requested', decidedAtMs: START_MS });
  return record(JSON.stringify({ ...line, data: { ...line.data, amount } }));
}
