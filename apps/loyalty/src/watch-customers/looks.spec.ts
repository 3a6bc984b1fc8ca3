import {
  DAY_MS,
  lineEvent,
  promiseEvent,
  SAMPLE_SIGNALS,
  signalEvent,
  START_MS,
} from '../apply-log/events-for-tests.js';
import { feed, type Event } from '../apply-log/feed-for-tests.js';
import { mayContact } from './contact-rules.js';

const DUE = START_MS + DAY_MS;
const breached = promiseEvent({
  kind: 'breached',
  sequence: 2,
  state: 'breached',
  verdict: 'breached',
  decidedAtMs: DUE + 1_000,
});
const short = (type: string): string => type.replace('makegood.loyalty.', '');

/** What is said after the events by looks at these times. */
function looks(events: readonly Event[], ...timesMs: number[]) {
  const { work } = feed(events);
  return timesMs.map((atMs, i) =>
    work.look(atMs, `tick${i}`, i).map(({ type, data }) => ({ type: short(type), data })),
  );
}

describe('passing time', () => {
  it('makes an unanswered breach a double deviation at its deadline, alerted once, and the score told', () => {
    const [before, at, after] = looks([breached], DUE + 2 * DAY_MS, DUE + 3 * DAY_MS, DUE + 4 * DAY_MS);
    expect(before?.map(({ type }) => type)).toEqual(['gesture-suggested']);
    expect(before?.[0]?.data).toMatchObject({
      gesture: 'apologise_and_compensate',
      promises: [breached.data.promiseId],
    });
    expect(at?.map(({ type }) => type)).toEqual(['score-changed', 'risk-raised', 'gesture-suggested']);
    expect(at?.[1]?.data).toMatchObject({ causes: ['double_deviation'], cause: { type: 'makegood.tick' } });
    expect(at?.[2]?.data).toMatchObject({ gesture: 'call_personally' });
    expect(after).toEqual([]);
  });

  it('says nothing of a breach that was made good', () => {
    const refund = lineEvent({ type: 'refund.requested', decidedAtMs: DUE + 2_000 });
    const said = looks([breached, refund], DUE + 2 * DAY_MS, DUE + 3 * DAY_MS).flat();
    expect(said.map(({ data }) => data.gesture ?? data.risk)).not.toContain('call_personally');
    expect(said.flatMap(({ data }) => data.causes ?? [])).not.toContain('double_deviation');
  });

  it('raises the risk of a customer who stays away, worse when they stay away longer, and clears it when they are back', () => {
    const bought = (days: number, n: number) =>
      signalEvent('customer.purchased', START_MS + days * DAY_MS, {
        order: `o${n}`,
        amount: { amountMinor: 100, currency: 'EUR' },
        category: `c${n}`,
      });
    const regular = Array.from({ length: 8 }, (_, n) => bought(7 * n, n));
    const { work } = feed(regular);
    const said = [60, 90, 120, 200, 400].flatMap((days) => work.look(START_MS + days * DAY_MS, `t${days}`, days));
    expect(said.filter(({ data }) => data.risk).map(({ data }) => [data.risk, data.causes])).toEqual([
      ['warn', expect.arrayContaining(['churn_risk'])],
      ['critical', expect.arrayContaining(['churn_risk'])],
    ]);
    const back = feed([...regular, ...[401, 408, 415].map((days, i) => bought(days, 20 + i))], (index) => index === 7);
    expect(back.standing?.components.behaviourParts.alive).toBeGreaterThan(0.6);
  });

  it('never changes a score, however often it is looked at', () => {
    const events = [breached, signalEvent('customer.feedback', DUE + 9 * DAY_MS, { kind: 'nps', value: 2 })];
    const { work, standing } = feed(events);
    for (let days = 10; days < 400; days += 3) work.look(DUE + days * DAY_MS, `t${days}`, days);
    expect(work.result()?.standing.components.score).toBe(standing?.components.score);
    expect(work.result()?.document).toEqual(feed(events).document);
  });

  it('looks ahead instead of every day, and never past a deadline', () => {
    const { work } = feed([breached]);
    expect(work.result()?.lookAtMs).toBe(DUE + 1_000 + 3_600_000); // then the house should have answered
    work.look(DUE + DAY_MS, 't', 1);
    expect(work.result()?.lookAtMs).toBe(DUE + 3 * DAY_MS);
  });
});

describe('a contact', () => {
  const { contact } = SAMPLE_SIGNALS.settings;
  const noon = Date.parse('2026-03-02T12:00:00Z');
  const profile = (more: object) => ({ atMs: 0, optOut: [], ...more });

  it('waits for the end of the quiet hours of the customer’s own zone', () => {
    const late = Date.parse('2026-03-02T20:59:59.999Z');
    expect(mayContact('check_in', null, null, late, contact)).toEqual({ kind: 'now' });
    expect(mayContact('check_in', null, null, late + 1, contact)).toEqual({
      kind: 'later',
      atMs: Date.parse('2026-03-03T08:00:00Z'),
    });
    expect(mayContact('check_in', null, null, Date.parse('2026-03-03T07:59:30Z'), contact)).toMatchObject({
      atMs: Date.parse('2026-03-03T08:00:00Z'),
    });
    const shanghai = profile({ timeZone: 'Asia/Shanghai' }); // 20:00 there
    expect(mayContact('check_in', shanghai, null, noon, contact)).toEqual({ kind: 'now' });
    expect(mayContact('check_in', shanghai, null, noon + 3_600_000, contact)).toMatchObject({ kind: 'later' });
    const ljubljana = profile({ timeZone: 'Europe/Ljubljana' }); // its clocks go forward that night: eight is an hour nearer
    expect(mayContact('check_in', ljubljana, null, Date.parse('2026-03-28T21:00:00Z'), contact)).toMatchObject({
      atMs: Date.parse('2026-03-29T06:00:00Z'),
    });
    expect(mayContact('check_in', profile({ timeZone: 'Mars/Olympus' }), null, noon, contact)).toEqual({ kind: 'now' });
  });

  it('needs consent: to please, for marketing; to repair, for service', () => {
    const noMarketing = profile({ optOut: ['marketing'] });
    expect(mayContact('win_back_personal_offer', noMarketing, null, noon, contact)).toEqual({ kind: 'never' });
    expect(mayContact('call_personally', noMarketing, null, noon, contact)).toEqual({ kind: 'now' });
    expect(mayContact('call_personally', profile({ optOut: ['service'] }), null, noon, contact)).toEqual({
      kind: 'never',
    });
    expect(
      mayContact('keep_promises_first', profile({ optOut: ['service', 'marketing'] }), null, noon, contact),
    ).toEqual({ kind: 'now' });
  });

  it('to please comes at most once in two weeks; repair does not wait', () => {
    const lately = noon - 14 * DAY_MS + 1;
    expect(mayContact('check_in', null, lately, noon, contact)).toEqual({ kind: 'later', atMs: noon + 1 });
    expect(mayContact('check_in', null, lately - 1, noon, contact)).toEqual({ kind: 'now' });
    expect(mayContact('call_back_complaint', null, lately, noon, contact)).toEqual({ kind: 'now' });
  });
});
