import { TOPICS } from '#libs/contracts';
import type { LogRecord } from '#libs/messaging';
import { lineEvent, promiseEvent, recordOf, SAMPLE_SIGNALS, signalEvent, START_MS } from './events-for-tests.js';
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
    expect(readNews(poison, SAMPLE_SIGNALS)).toMatchObject({
      kind: 'rejected',
      reason,
      detail: expect.stringContaining(word),
    });
  });

  it.each([
    ['a type it does not know', record(JSON.stringify({ type: 'shop.purchase', data: null }))],
    ['a notice about a line that is held', record(JSON.stringify({ type: 'makegood.compensation.held', data: {} }))],
    ['a signal that nobody knows', recordOf(signalEvent('customer.sneezed', START_MS))],
    ['a promise on trial', withData({ mode: 'shadow' })],
    [
      'a promise to nobody known',
      recordOf(promiseEvent({ kind: 'opened', decidedAtMs: START_MS, customer: 'anonymous:s1' })),
    ],
  ])('passes %s by', (_, passing) => {
    expect(readNews(passing, SAMPLE_SIGNALS)).toEqual({ kind: 'ignored' });
  });

  it.each([
    ['a signal without what its type needs', signalEvent('customer.feedback', START_MS, { kind: 'nps' }), 'value'],
    [
      'a merge of a customer with themselves',
      signalEvent('customer.merged', START_MS, { from: 'c1', into: 'c1' }),
      'from',
    ],
    ['a signal without its customer', signalEvent('customer.purchased', START_MS, { customer: 7 }), 'customer'],
  ])('refuses %s', (_, event, word) => {
    expect(readNews({ ...recordOf(event), key: 'c1' }, SAMPLE_SIGNALS)).toMatchObject({
      kind: 'rejected',
      reason: 'SIGNAL_INVALID',
      detail: expect.stringContaining(word),
    });
  });

  it('takes the time of a tick from the tick', () => {
    const tick = {
      id: 't1',
      type: 'makegood.tick',
      time: '2026-03-01T12:00:00Z',
      data: { everyMs: 1_000, silent: [] },
    };
    expect(readNews(record(JSON.stringify(tick), null), SAMPLE_SIGNALS)).toEqual({
      kind: 'tick',
      tickId: 't1',
      atMs: START_MS,
    });
  });

  it('takes our own records only from ourselves', () => {
    const moved = signalEvent('makegood.customer.history-moved', START_MS, { part: {}, via: [], cause: {} });
    const read = (source: string) =>
      readNews({ ...recordOf({ ...moved, source }), topic: TOPICS.signals }, SAMPLE_SIGNALS);
    expect(read('shop')).toEqual({ kind: 'ignored' });
    expect(read('makegood/loyalty')).toMatchObject({ kind: 'rejected' });
  });

  it('reads what a promise was about: the largest base of each currency', () => {
    const base = {
      fee: { amountMinor: 5, currency: 'EUR' },
      rate: { amountMinor: 90, currency: 'EUR' },
      deposit: { amountMinor: 7, currency: 'USD' },
    };
    expect(readNews(withData({ base }), SAMPLE_SIGNALS)).toMatchObject({
      part: { promises: { [promise.data.promiseId]: { verdict: { lossMinor: { EUR: 90, USD: 7 } } } } },
    });
  });
});

function recordOfOther(): LogRecord {
  return { ...recordOf(promise), key: 'c2' };
}

function moneyRecord(amount: object): LogRecord {
  const line = lineEvent({ type: 'refund.requested', decidedAtMs: START_MS });
  return record(JSON.stringify({ ...line, data: { ...line.data, amount } }));
}
