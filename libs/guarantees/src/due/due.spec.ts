import { UNMOVED, type ClockMoves, type FactView, type Guarantee } from '../guarantee.js';
import { dueOf, fact, OFFICE_HOURS, sample } from '../test-terms.js';

const iso = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : new Date(ms).toISOString());
const at = (text: string): number => Date.parse(text);
const terms = (due: string): Guarantee => sample({ due }, [OFFICE_HOURS]);
const opening = (openedAt: string, data: Record<string, unknown> = {}): FactView =>
  fact(data, { occurredAtMs: at(openedAt) });
const moved = (moves: Partial<ClockMoves>): ClockMoves => ({ ...UNMOVED, ...moves });
const pause = (from: string, until: string) => ({ fromMs: at(from), untilMs: at(until) });
const dueAt = (due: string, openedAt: string, data: Record<string, unknown> = {}, moves: Partial<ClockMoves> = {}) =>
  iso(terms(due).due.compute(opening(openedAt, data), moved(moves))?.dueAtMs);

describe('a due, unmoved', () => {
  // 2026-01-05 is a Monday; Berlin is one hour ahead of UTC in winter.
  it.each([
    ['{ at: event.data.t }', { t: '2026-01-09T12:00:00+01:00' }, '2026-01-09T11:00:00.000Z'],
    ['{ at: event.data.t }', { t: '2026-01-09' }, '2026-01-09T22:59:59.999Z'],
    ['{ at: event.data.t, zone: Asia/Shanghai }', { t: '2026-01-09' }, '2026-01-09T15:59:59.999Z'],
    ['{ within: PT90M }', {}, '2026-01-05T10:30:00.000Z'],
    ['{ within: event.data.limit }', { limit: 'P5D' }, '2026-01-10T09:00:00.000Z'],
    ['{ within: minutes(event.data.n) }', { n: 90 }, '2026-01-05T10:30:00.000Z'],
    ['{ within: PT8H, calendar: office-hours }', {}, '2026-01-06T09:00:00.000Z'],
    ['{ within: PT7H, calendar: office-hours }', {}, '2026-01-05T16:00:00.000Z'],
    ['{ by: { endOf: event.data.d } }', { d: '2026-03-28' }, '2026-03-28T22:59:59.999Z'],
    ['{ by: { date: event.data.d, time: "12:00" } }', { d: '2026-03-29' }, '2026-03-29T10:00:00.000Z'],
    ['{ by: { date: event.data.d, time: event.data.t } }', { d: '2026-01-09', t: '24:00' }, '2026-01-09T23:00:00.000Z'],
    ['{ by: { date: event.data.d } }', { d: '2026-01-09' }, '2026-01-09T22:59:59.999Z'],
    [
      '{ by: { date: event.data.d, time: close, calendar: office-hours } }',
      { d: '2026-01-10' },
      '2026-01-12T16:00:00.000Z',
    ],
    ['{ by: { days: 3 } }', {}, '2026-01-08T09:00:00.000Z'],
    ['{ by: { days: event.data.n, at: endOfDay } }', { n: 0 }, '2026-01-05T22:59:59.999Z'],
    ['{ by: { weeks: 2, at: "08:30" } }', {}, '2026-01-19T07:30:00.000Z'],
    ['{ by: { months: 1 }, from: event.data.t }', { t: '2026-01-31T12:00:00+01:00' }, '2026-02-28T11:00:00.000Z'],
    ['{ by: { years: 1 } }', {}, '2027-01-05T09:00:00.000Z'],
    ['{ by: { businessDays: 5 } }', {}, '2026-01-12T09:00:00.000Z'],
    ['{ by: { businessDays: 2, calendar: office-hours, at: close } }', {}, '2026-01-07T16:00:00.000Z'],
    ['{ by: { businessDays: 2, at: "23:59" } }', {}, '2026-01-07T22:59:00.000Z'],
  ])('%s of %j is %s', (due, data, expected) => {
    expect(dueAt(due, '2026-01-05T09:00:00Z', data)).toBe(expected);
  });

  it('counts business days over the holidays of its calendar (HOL-2), and keeps the wall time over a change of clocks', () => {
    const byClose = '{ by: { businessDays: 5, calendar: office-hours, at: close } }';
    expect(dueAt(byClose, '2026-12-24T15:30:00Z')).toBe('2027-01-04T16:00:00.000Z');
    expect(dueAt('{ by: { days: 1 } }', '2026-03-28T11:00:00Z')).toBe('2026-03-29T10:00:00.000Z');
    expect(dueAt('{ within: PT24H }', '2026-03-28T11:00:00Z')).toBe('2026-03-29T11:00:00.000Z');
  });

  it.each([
    ['{ at: event.data.x }', { x: null }],
    ['{ within: event.data.x }', { x: null }],
    ['{ by: { endOf: event.data.x } }', { x: null }],
    ['{ by: { days: event.data.x } }', { x: null }],
    ['[{ when: event.data.x == "low", none: true }, { within: PT4H }]', { x: 'low' }],
  ])('%s of %j promises nothing', (due, data) => {
    expect(terms(due).due.compute(opening('2026-01-05T09:00:00Z', data), UNMOVED)).toBeNull();
  });

  it.each([
    ['{ within: event.data.x }', { x: '4 hours' }, 'a duration was expected, e.g. PT4H'],
    ['{ within: event.data.x }', { x: 'P4000D' }, 'a duration from zero to ten years was expected'],
    ['{ by: { days: event.data.x } }', { x: 1.5 }, 'a whole number from 0 to 3653 was expected'],
    [
      '{ by: { date: event.data.d, time: event.data.x } }',
      { d: '2026-01-09', x: '25:00' },
      'a time of day as HH:MM was expected',
    ],
    ['{ by: { days: event.data.x } }', {}, 'the field x is missing'],
  ])('%s of %j: %s', (due, data, reason) => {
    expect(() => dueAt(due, '2026-01-05T09:00:00Z', data)).toThrow(reason);
  });
});

describe('a due chosen by condition', () => {
  const choice =
    '[{ when: event.data.plan == "gold", within: PT1H }, { when: event.data.plan == "silver", within: PT2H, calendar: office-hours, judgedTo: minute }, { within: PT4H, calendar: office-hours }]';

  it('is that of the first alternative that holds', () => {
    const monday16 = '2026-01-05T15:30:00Z';
    expect(['gold', 'silver', 'iron'].map((plan) => dueAt(choice, monday16, { plan }))).toEqual([
      '2026-01-05T16:30:00.000Z',
      '2026-01-06T09:30:00.000Z',
      '2026-01-06T11:30:00.000Z',
    ]);
  });

  it('is warned of, explained and judged by the same alternative', () => {
    const { due } = terms(choice);
    const of = (plan: string) => opening('2026-01-05T15:30:00Z', { plan });
    const [gold, silver] = ['gold', 'silver'].map((plan) => dueOf(terms(choice), of(plan)));
    expect(gold?.explain()).toBe('1 h from the opening (guarantees/sample.yaml v1, line 13)');
    expect(silver?.explain()).toBe(
      '2 h of working time (office-hours) from the opening (guarantees/sample.yaml v1, line 13)',
    );
    expect(iso(due.warnAtMs(of('gold'), gold!, UNMOVED, { share: 0.5 }))).toBe('2026-01-05T16:00:00.000Z');
    expect(iso(due.warnAtMs(of('silver'), silver!, UNMOVED, { share: 0.5 }))).toBe('2026-01-06T08:30:00.000Z');
    expect(due.usedMs(at('2026-01-05T15:30:00Z'), at('2026-01-06T09:00:00Z'), [], of('silver'))).toBe(5_400_000);
    expect(due.usedMs(at('2026-01-05T15:30:00Z'), at('2026-01-06T09:00:00Z'), [], of('gold'))).toBe(63_000_000);
    const done = at('2026-01-06T09:31:59.999Z');
    const judged = dueOf(terms(choice), of('silver'));
    expect(terms(choice).due.latenessMs(silver!, done)).toBe(due.latenessMs(judged, done));
    expect([due.latenessMs(silver!, done), due.latenessMs(gold!, done)]).toEqual([60_000, 61_319_999]);
  });
});

describe('what moves a due', () => {
  const monday9 = '2026-01-05T08:00:00Z'; // 09:00 in Berlin, when the office opens
  const eight = '{ within: PT8H, calendar: office-hours }';

  it.each([
    ['PAU-1', [pause('2026-01-05T15:00:00Z', '2026-01-06T09:00:00Z')], '2026-01-06T10:00:00.000Z'],
    ['PAU-3: only closed time', [pause('2026-01-05T16:00:00Z', '2026-01-06T08:00:00Z')], '2026-01-05T16:00:00.000Z'],
    [
      'PAU-7: it stood when it opened',
      [pause('2026-01-05T07:00:00Z', '2026-01-05T10:00:00Z')],
      '2026-01-06T10:00:00.000Z',
    ],
    ['a pause before the opening', [pause('2026-01-04T07:00:00Z', '2026-01-05T08:00:00Z')], '2026-01-05T16:00:00.000Z'],
    ['a pause that begins at due', [pause('2026-01-05T16:00:00Z', '2026-01-06T16:00:00Z')], '2026-01-05T16:00:00.000Z'],
  ])('pauses move working time by open hours: %s', (_id, pauses, expected) => {
    expect(dueAt(eight, monday9, {}, { pauses })).toBe(expected);
  });

  it('pauses move elapsed and civil dues by their length', () => {
    const pauses = [
      pause('2026-01-05T09:00:00Z', '2026-01-05T10:00:00Z'),
      pause('2026-01-05T12:30:00Z', '2026-01-05T13:30:00Z'),
    ];
    expect(dueAt('{ within: PT4H }', monday9, {}, { pauses })).toBe('2026-01-05T14:00:00.000Z');
    expect(dueAt('{ within: PT4H30M }', monday9, {}, { pauses: pauses.slice(1) })).toBe('2026-01-05T12:30:00.000Z');
    expect(dueAt('{ at: event.data.t }', monday9, { t: '2026-01-06T08:00:00Z' }, { pauses })).toBe(
      '2026-01-06T10:00:00.000Z',
    );
    expect(dueAt('{ by: { days: 1 } }', monday9, {}, { pauses })).toBe('2026-01-06T10:00:00.000Z');
  });

  it('goes on with what is left after a reopening (REO-1)', () => {
    expect(dueAt(eight, '2026-01-07T09:00:00Z', {}, { spentMs: 2 * 3_600_000 })).toBe('2026-01-07T15:00:00.000Z');
    expect(dueAt('{ within: PT1H }', monday9, {}, { spentMs: 2 * 3_600_000 })).toBe('2026-01-05T08:00:00.000Z');
  });

  it('counts a re-promise, and pauses after it only', () => {
    const repromised = { atMs: at('2026-01-05T12:00:00Z'), dueAtMs: at('2026-01-07T16:00:00Z') };
    const pauses = [pause('2026-01-05T09:00:00Z', '2026-01-05T13:00:00Z')];
    expect(dueAt('{ within: PT4H }', monday9, {}, { repromised, pauses })).toBe('2026-01-07T17:00:00.000Z');
    expect(dueAt(eight, monday9, {}, { repromised, pauses })).toBe('2026-01-08T09:00:00.000Z');
    expect(dueAt(eight, monday9, {}, { repromised })).toBe('2026-01-07T16:00:00.000Z');
  });

  it('adds business days at the same wall time, and what disruptions extend', () => {
    const t = { t: '2026-03-27T10:30:00+01:00' }; // a Friday; clocks change on Sunday
    expect(dueAt('{ at: event.data.t }', monday9, t, { businessDays: 2 })).toBe('2026-03-31T08:30:00.000Z');
    expect(dueAt(eight, '2026-12-24T08:00:00Z', {}, { businessDays: 1 })).toBe('2026-12-29T16:00:00.000Z');
    expect(dueAt(eight, monday9, {}, { extendMs: 3_600_000 })).toBe('2026-01-05T17:00:00.000Z');
  });

  it('tells all of it', () => {
    const moves = moved({
      pauses: [pause('2026-01-05T09:00:00Z', '2026-01-05T10:30:00Z')],
      businessDays: 1,
      extendMs: 3_600_000,
    });
    expect(terms(eight).due.compute(opening(monday9), moves)?.explain()).toBe(
      '8 h of working time (office-hours) from the opening, 1 business days (office-hours) later, the clock stood still for 1 h 30 min, extended by 1 h (guarantees/sample.yaml v1, line 13)',
    );
    const repromised = { atMs: at('2026-01-05T12:00:00Z'), dueAtMs: at('2026-01-07T16:00:00Z') };
    expect(terms(eight).due.compute(opening(monday9), moved({ repromised }))?.explain()).toBe(
      '8 h of working time (office-hours) from the opening, promised again for 2026-01-07 17:00 in Europe/Berlin (guarantees/sample.yaml v1, line 13)',
    );
  });

  it('moves limits in named periods, the first that holds', () => {
    const due = `
  at: event.data.t
  zone: America/New_York
  moved:
    - { from: 2017-12-18, until: 2017-12-23, when: event.data.early, add: PT90M }
    - { name: peak season, from: 2017-12-18, until: 2017-12-23, to: endOfDay }
    - { from: "2017-12-24T00:00:00Z", until: "2017-12-25T00:00:00Z", to: "18:00" }`;
    const of = (t: string, early = false) => dueAt(due, '2017-12-01T00:00:00Z', { t, early });
    expect(of('2017-12-20T10:30:00-05:00', true)).toBe('2017-12-20T17:00:00.000Z');
    expect(of('2017-12-20T10:30:00-05:00')).toBe('2017-12-21T04:59:59.999Z');
    expect(of('2017-12-18T00:00:00-05:00')).toBe('2017-12-19T04:59:59.999Z');
    expect(of('2017-12-17T23:59:59-05:00')).toBe('2017-12-18T04:59:59.000Z');
    expect(of('2017-12-24T23:59:59Z')).toBe('2017-12-24T23:00:00.000Z');
    expect(of('2017-12-25T00:00:00Z')).toBe('2017-12-25T00:00:00.000Z');
    const peak = terms(due).due.compute(
      opening('2017-12-01T00:00:00Z', { t: '2017-12-20T10:30:00-05:00', early: false }),
      UNMOVED,
    );
    expect(peak?.explain()).toContain('moved to 2017-12-20 23:59:59 in America/New_York in peak season');
  });
});

describe('when it is late, and how late', () => {
  const judged = (due: string, done: string) => {
    const guarantee = terms(due);
    const computed = dueOf(guarantee, opening('2026-01-05T09:00:00Z', { t: '2026-01-05T10:30:00Z', d: '2026-04-02' }));
    const doneMs = at(done);
    return [doneMs > computed.inTimeUntilMs, guarantee.due.latenessMs(computed, doneMs) / 1_000];
  };

  it.each([
    ['{ at: event.data.t }', '2026-01-05T10:30:00.000Z', false, 0],
    ['{ at: event.data.t }', '2026-01-05T10:30:00.001Z', true, 0.001],
    ['{ at: event.data.t, late: { atLeast: PT60S } }', '2026-01-05T10:30:59.999Z', false, 59.999],
    ['{ at: event.data.t, late: { atLeast: PT60S } }', '2026-01-05T10:31:00Z', true, 60],
    ['{ at: event.data.t, late: { over: PT60S } }', '2026-01-05T10:31:00Z', false, 60],
    ['{ at: event.data.t, late: { over: PT60S } }', '2026-01-05T10:31:00.001Z', true, 60.001],
    ['{ at: event.data.t, judgedTo: second }', '2026-01-05T10:30:00.999Z', false, 0],
    ['{ at: event.data.t, judgedTo: second }', '2026-01-05T10:30:01Z', true, 1],
    ['{ at: event.data.t, judgedTo: minute }', '2026-01-05T10:30:59.999Z', false, 0],
    ['{ at: event.data.t, judgedTo: minute }', '2026-01-05T10:32:10Z', true, 120],
    ['{ at: event.data.t, judgedTo: minute, late: { atLeast: PT2M } }', '2026-01-05T10:31:59Z', false, 60],
    ['{ at: event.data.t, judgedTo: day }', '2026-01-05T22:59:59.999Z', false, 0],
    ['{ at: event.data.t, judgedTo: day }', '2026-01-05T23:00:00Z', true, 86_400],
    ['{ by: { endOf: event.data.d }, judgedTo: day, late: { over: P1D } }', '2026-04-03T21:59:59Z', false, 86_400],
    [
      '{ by: { endOf: event.data.d }, judgedTo: business-day, late: { atLeast: P3D } }',
      '2026-04-06T12:00:00Z',
      false,
      2 * 86_400,
    ],
    [
      '{ by: { endOf: event.data.d }, judgedTo: business-day, late: { atLeast: P3D } }',
      '2026-04-06T22:00:00Z',
      true,
      3 * 86_400,
    ],
  ])('%s done at %s: late %s, by %d s', (due, done, isLate, latenessS) => {
    expect(judged(due, done)).toEqual([isLate, latenessS]);
  });
});

describe('warnings', () => {
  const eight = '{ within: PT8H, calendar: office-hours }';
  const warned = (
    due: string,
    openedAt: string,
    point: { share: number } | { beforeMs: number },
    moves: Partial<ClockMoves> = {},
  ) => {
    const guarantee = terms(due);
    const of = opening(openedAt, { t: '2026-01-06T09:00:00Z' });
    const computed = guarantee.due.compute(of, moved(moves));
    return iso(guarantee.due.warnAtMs(of, computed!, moved(moves), point));
  };

  it('count working time where the due does (WRN-1, WRN-2)', () => {
    const hour = { beforeMs: 3_600_000 };
    expect(warned('{ within: PT4H, calendar: office-hours }', '2026-01-05T15:00:00Z', hour)).toBe(
      '2026-01-06T10:00:00.000Z',
    );
    expect(warned('{ within: PT90M, calendar: office-hours }', '2026-01-05T15:00:00Z', hour)).toBe(
      '2026-01-05T15:30:00.000Z',
    );
    expect(warned(eight, '2026-01-05T12:00:00Z', { share: 0.75 })).toBe('2026-01-06T10:00:00.000Z');
  });

  it('leave pauses out, and begin with the last re-promise', () => {
    const pauses = [pause('2026-01-05T10:00:00Z', '2026-01-05T12:00:00Z')];
    expect(warned('{ within: PT4H }', '2026-01-05T09:00:00Z', { share: 0.5 }, { pauses })).toBe(
      '2026-01-05T13:00:00.000Z',
    );
    expect(warned('{ within: PT4H }', '2026-01-05T09:00:00Z', { beforeMs: 3.5 * 3_600_000 }, { pauses })).toBe(
      '2026-01-05T09:30:00.000Z',
    );
    const repromised = { atMs: at('2026-01-05T12:00:00Z'), dueAtMs: at('2026-01-05T16:00:00Z') };
    expect(warned('{ within: PT4H }', '2026-01-05T09:00:00Z', { share: 0.5 }, { repromised })).toBe(
      '2026-01-05T14:00:00.000Z',
    );
    expect(warned('{ within: PT4H }', '2026-01-05T09:00:00Z', { share: 0.75 }, { spentMs: 2 * 3_600_000 })).toBe(
      '2026-01-05T10:00:00.000Z',
    );
    expect(warned('{ within: PT4H }', '2026-01-05T09:00:00Z', { share: 0.25 }, { spentMs: 2 * 3_600_000 })).toBe(
      '2026-01-05T09:00:00.000Z',
    );
  });
});
