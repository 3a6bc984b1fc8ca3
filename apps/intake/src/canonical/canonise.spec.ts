import { partitionOf, TOPICS } from '#libs/contracts';
import { canonise } from './canonise.js';
import type { Judgement } from './check-event.js';
import type { Routing } from './route-event.js';
import { readSignalRules } from './signal-rules.js';

const NOW_MS = Date.parse('2026-03-05T12:00:00.000Z');
const LIVE: Judgement = { mode: 'live', way: 'http', boundSource: null, isAdmin: false, receivedAtMs: NOW_MS };
const INGRESS: Judgement = { ...LIVE, way: 'ingress' };
const REPLAY: Judgement = { ...LIVE, mode: 'replay', isAdmin: true };
const SIGNALS = `apiVersion: makegood/v1
kind: Signals
signals:
  shop.order.placed: { customer: event.data.customerId, events: true }
  customer.feedback: { customer: event.data.customer.id }
`;
const ROUTING: Routing = { shardCount: 12, signalRules: readSignalRules({ file: 'signals.yaml', text: SIGNALS }) };
const EVENT = {
  specversion: '1.0',
  id: 'scan-1',
  source: 'post/parcels',
  type: 'post.item.delivered',
  subject: 'RR1',
  time: '2026-03-05T12:59:00+01:00',
  data: { postage: { amountMinor: 490, currency: 'EUR' } },
};
const refusalOf = (change: object, judgement = LIVE) => canonise({ ...EVENT, ...change }, judgement, ROUTING).refusal;
const without = (name: string) => Object.fromEntries(Object.entries(EVENT).filter(([key]) => key !== name));
const nested = (depth: number): unknown => (depth === 0 ? 1 : { a: nested(depth - 1) });
const recordsOf = (change: object, judgement = LIVE) => {
  const result = canonise({ ...EVENT, ...change }, judgement, ROUTING);
  if (result.refusal) throw new Error(result.refusal.detail);
  return result.records;
};

describe('refused', () => {
  it.each(['specversion', 'id', 'source', 'type', 'subject', 'time', 'data'])('FIELD_MISSING: no %s', (name) => {
    const expected = { code: 'FIELD_MISSING', pointer: `/${name}`, detail: `\`${name}\` is missing` };
    expect(canonise(without(name), LIVE, ROUTING).refusal).toMatchObject(expected);
    expect(refusalOf({ [name]: null })).toMatchObject(expected);
  });

  it.each([
    [{ specversion: '0.3' }, '/specversion'],
    [{ id: 7 }, '/id'],
    [{ id: '' }, '/id'],
    [{ subject: 'x'.repeat(201) }, '/subject'],
    [{ subject: 'a\u0000b' }, '/subject'],
    [{ subject: '\ud800' }, '/subject'],
    [{ type: {} }, '/type'],
    [{ time: '2026-03-05T12:00:00' }, '/time'],
    [{ time: '2026-02-30T12:00:00Z' }, '/time'],
    [{ time: 1_700_000_000 }, '/time'],
    [{ time: '1969-12-31T23:59:59Z' }, '/time'],
    [{ data: [] }, '/data'],
    [{ data: 'x' }, '/data'],
    [{ revision: -1 }, '/revision'],
    [{ revision: '1' }, '/revision'],
    [{ revision: 1.5 }, '/revision'],
    [{ traceparent: 1 }, '/traceparent'],
    [{ data: { a: [{ amountMinor: 1.5, currency: 'EUR' }] } }, '/data/a/0/amountMinor'],
    [{ data: { amountMinor: '490', currency: 'EUR' } }, '/data/amountMinor'],
    [{ data: { a: { amountMinor: 1e15 + 1, currency: 'EUR' } } }, '/data/a/amountMinor'],
    [{ data: { a: { amountMinor: 1 } } }, '/data/a/currency'],
    [{ data: { a: { amountMinor: 1, currency: 'euro' } } }, '/data/a/currency'],
    [{ data: { a: { amountMinor: 1, currency: 'QQQ' } } }, '/data/a/currency'],
    [{ data: { a: '\u0000' } }, '/data/a'],
    [{ data: nested(65) }, `/data${'/a'.repeat(64)}`],
  ])('FIELD_INVALID: %j', (change, pointer) => {
    expect(refusalOf(change)).toMatchObject({ code: 'FIELD_INVALID', pointer, advice: expect.any(String) });
  });

  it.each([null, [], 'text', 7])('FIELD_INVALID: %j is no event', (event) => {
    expect(canonise(event, LIVE, ROUTING).refusal).toMatchObject({ code: 'FIELD_INVALID', pointer: '' });
  });

  it('EVENT_TOO_LARGE above 256 KiB, by bytes', () => {
    const empty = JSON.stringify({ ...EVENT, data: { text: '' } }).length;
    const room = 256 * 1024 - empty;
    expect(refusalOf({ data: { text: 'x'.repeat(room) } })).toBeUndefined();
    expect(refusalOf({ data: { text: 'x'.repeat(room + 1) } })).toMatchObject({ code: 'EVENT_TOO_LARGE' });
    expect(refusalOf({ data: { text: 'ü'.repeat(room / 2 + 1) } })).toMatchObject({ code: 'EVENT_TOO_LARGE' });
  });

  it('FUTURE_FACT beyond 24 h ahead of receipt, in live mode', () => {
    expect(refusalOf({ time: '2026-03-06T12:00:00.000Z' })).toBeUndefined();
    expect(refusalOf({ time: '2026-03-06T12:00:00.001Z' })).toMatchObject({ code: 'FUTURE_FACT', pointer: '/time' });
    expect(refusalOf({ time: '2090-01-01T00:00:00Z' }, REPLAY)).toBeUndefined();
  });

  it.each([
    [{ type: 'makegood.tick' }, LIVE],
    [
      { type: 'makegood.tick', source: 'makegood/replay' },
      { ...LIVE, isAdmin: true },
    ],
    [
      { type: 'makegood.tick', source: 'makegood/replay' },
      { ...REPLAY, isAdmin: false },
    ],
    [{ type: 'makegood.guarantees.activated' }, REPLAY],
    [{ source: 'makegood/operator' }, LIVE],
    [{ source: 'makegood' }, LIVE],
    [{ type: 'makegood.payout.made', source: 'makegood/compensation' }, LIVE],
    [{ type: 'makegood.payout.made', source: 'shop/a' }, INGRESS],
  ])('TYPE_RESERVED: %j', (change, judgement) => {
    expect(refusalOf(change, judgement)).toMatchObject({ code: 'TYPE_RESERVED' });
  });

  it('WRONG_SOURCE: the key speaks for another', () => {
    expect(refusalOf({}, { ...LIVE, boundSource: 'post/letters' })).toMatchObject({ code: 'WRONG_SOURCE' });
    expect(refusalOf({}, { ...LIVE, boundSource: 'post/parcels' })).toBeUndefined();
  });

  it('FIELD_MISSING: a signal without its customer', () => {
    const change = { type: 'customer.feedback', data: { customer: {} } };
    expect(refusalOf(change)).toMatchObject({ code: 'FIELD_MISSING', pointer: '/data/customer/id' });
  });
});

describe('the canonical event', () => {
  const textOf = (change: object, judgement: Judgement) =>
    JSON.parse(recordsOf(change, judgement)[0]?.value ?? '') as object;

  it('is the upstream event unchanged, unknown members included', () => {
    const extended = {
      ...EVENT,
      myext: 'kept',
      revision: 0,
      data: { ...EVENT.data, currency: 'EUR', constructor: 'x' },
    };
    expect(textOf(extended, LIVE)).toEqual(extended);
  });

  it('drops upstream’s receivedat in live mode and sets the append time where it came by ingress', () => {
    const claimed = { receivedat: '2001-01-01T00:00:00Z' };
    expect(textOf(claimed, LIVE)).toEqual(EVENT);
    expect(textOf(claimed, INGRESS)).toEqual({ ...EVENT, receivedat: '2026-03-05T12:00:00.000Z' });
  });

  it('keeps upstream’s receivedat in a replay and stamps the record with it, else with its time', () => {
    const receivedat = '2026-03-07T00:00:00Z';
    expect(textOf({ receivedat }, REPLAY)).toEqual({ ...EVENT, receivedat });
    expect(recordsOf({ receivedat }, REPLAY)[0]?.timestampMs).toBe(Date.parse(receivedat));
    expect(recordsOf({}, REPLAY)[0]?.timestampMs).toBe(Date.parse(EVENT.time));
    expect(recordsOf({}, LIVE)[0]).not.toHaveProperty('timestampMs');
    expect(refusalOf({ receivedat: 'soon' }, REPLAY)).toMatchObject({ pointer: '/receivedat' });
  });
});

describe('goes', () => {
  const placesOf = (change: object, judgement = LIVE) =>
    recordsOf(change, judgement).map(({ topic, key }) => [topic, key]);

  it.each([
    ['by subject to events', {}, [[TOPICS.events, 'RR1']]],
    [
      'to both where signals.yaml says so',
      { type: 'shop.order.placed', data: { customerId: 'c1' } },
      [
        [TOPICS.events, 'RR1'],
        [TOPICS.signals, 'c1'],
      ],
    ],
    [
      'by customer to signals',
      { type: 'customer.feedback', data: { customer: { id: 'c2' } } },
      [[TOPICS.signals, 'c2']],
    ],
    ['customer.updated to signals', { type: 'customer.updated', data: { customer: 'c3' } }, [[TOPICS.signals, 'c3']]],
    [
      'customer.merged to the one that stays',
      { type: 'customer.merged', data: { from: 'c4', into: 'c5' } },
      [[TOPICS.signals, 'c5']],
    ],
    ['claims to settlements alone', { type: 'claim.filed' }, [[TOPICS.settlements, 'RR1']]],
    ['returned money to settlements alone', { type: 'money.returned' }, [[TOPICS.settlements, 'RR1']]],
  ])('%s', (_, change, places) => {
    expect(placesOf(change)).toEqual(places);
    for (const { key, partition } of recordsOf(change)) expect(partition).toBe(partitionOf(key, 12));
  });

  it('a tick of a replay to every partition of events, stamped with its time', () => {
    const tick = {
      type: 'makegood.tick',
      source: 'makegood/replay',
      subject: 'tick',
      data: { everyMs: 3_600_000, silent: [] },
    };
    const records = recordsOf(tick, REPLAY);
    expect(records.map(({ partition }) => partition)).toEqual([...Array(12).keys()]);
    expect(new Set(records.map(({ topic, value, timestampMs }) => `${topic} ${value} ${timestampMs}`)).size).toBe(1);
  });

  it('payouts of compensation through ingress to events', () => {
    const payout = { type: 'makegood.payout.made', source: 'makegood/compensation' };
    expect(placesOf(payout, INGRESS)).toEqual([[TOPICS.events, 'RR1']]);
  });
});

it('signals.yaml with a misspelt field is refused with its place', () => {
  const text = SIGNALS.replace('events: true', 'event: true');
  expect(() => readSignalRules({ file: 'signals.yaml', text })).toThrow(
    /signals\.yaml:4:57 {2}SIGNALS_UNKNOWN_FIELD.*Did you mean `events`\?/,
  );
});
