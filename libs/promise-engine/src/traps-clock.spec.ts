import {
  accepted,
  changes,
  fact,
  guaranteeText,
  run,
  says,
  termsOf,
  tick,
  type Clauses,
  type Outcome,
} from './testing.spec-kit.js';

/** Traps of the clock (section 4.3 of the study of SLA engines): UTC, Monday to Friday 09-17; 2026-06-01 is a Monday. */
const PAUSED = `paused:
    - { on: ticket.waiting, until: ticket.resumed, maxPause: P14D }
    - { on: ticket.blocked, until: ticket.unblocked }
    - { on: parcel.accepted, when: event.data.promisedAt == "waiting", until: ticket.resumed }`;
const working = (hours: number, more: Clauses = {}): Clauses => ({
  due: `{ within: PT${hours}H, calendar: office }`,
  keep: PAUSED,
  allowance: 'PT0S',
  ...more,
});
const terms = (hours: number, more: Clauses = {}) => termsOf(guaranteeText(working(hours, more)));
const opened = (at: string) => says(accepted(at, at, { id: 'open' }));
const paused = (at: string) => says(fact('ticket.waiting', at));
const resumed = (at: string) => says(fact('ticket.resumed', at));
const due = ({ announcements }: Outcome): string | undefined => announcements.at(-1)?.data.dueAt;
const JUNE = (day: number, time: string): string => `2026-06-0${day}T${time}:00Z`;

describe('pauses', () => {
  it.each([
    ['PAU-1', JUNE(1, '09:00'), JUNE(1, '16:00'), JUNE(2, '10:00'), '2026-06-02T11:00:00.000Z'],
    ['PAU-2', JUNE(5, '10:00'), JUNE(5, '12:00'), JUNE(8, '12:00'), '2026-06-09T10:00:00.000Z'],
    ['PAU-3', JUNE(1, '12:00'), JUNE(1, '17:00'), JUNE(2, '09:00'), '2026-06-02T12:00:00.000Z'],
  ])('%s: the open hours of a pause come on top', (_, start, from, until, expected) => {
    const inputs = [opened(start), paused(from), resumed(until)];
    expect(due(run(terms(8), inputs))).toBe(expected);
  });

  it('PAU-4: overlapping pauses count once', () => {
    const outcome = run(terms(4), [
      opened(JUNE(1, '09:00')),
      paused(JUNE(1, '10:00')),
      says(fact('ticket.blocked', JUNE(1, '11:00'))),
      resumed(JUNE(1, '12:00')),
      says(fact('ticket.unblocked', JUNE(1, '13:00'))),
    ]);
    expect(due(outcome)).toBe('2026-06-01T16:00:00.000Z');
  });

  it('PAU-5: a pause may arrive end first', () => {
    const reversed = [
      opened(JUNE(1, '09:00')),
      says(fact('ticket.resumed', JUNE(1, '12:00'))),
      says(fact('ticket.waiting', JUNE(1, '10:00'), { received: JUNE(1, '12:30') })),
    ];
    expect(due(run(terms(4), reversed))).toBe('2026-06-01T15:00:00.000Z');
  });

  it('PAU-6: completion closes a pause, and is kept however late', () => {
    const outcome = run(terms(2), [
      opened(JUNE(1, '09:00')),
      paused(JUNE(1, '10:00')),
      tick(JUNE(4, '12:00')),
      says(fact('parcel.delivered', JUNE(5, '10:00'))),
    ]);
    expect(outcome.announcements.at(-1)?.data).toMatchObject({ state: 'kept', verdict: 'kept' });
    expect(outcome.said.map((each) => each.split('@')[0])).toEqual(['opened', 'paused', 'kept']);
  });

  it('PAU-7: a promise may be paused from its opening on', () => {
    const text = guaranteeText(working(4));
    const waiting = says(
      fact('parcel.accepted', JUNE(1, '09:00'), {
        data: { product: 'EMS', customer: 'C', promisedAt: 'waiting', postage: { amountMinor: 1, currency: 'EUR' } },
      }),
    );
    const outcome = run(termsOf(text), [waiting, tick(JUNE(3, '09:00')), resumed(JUNE(3, '09:00'))]);
    expect(outcome.said).toEqual(['opened@09:00:00.000', 'paused@09:00:00.000', 'resumed@2026-06-03T09:00:00.000']);
    expect(due(outcome)).toBe('2026-06-03T13:00:00.000Z');
  });

  it('PAU-8: a pause that nothing ends is ended by maxPause, and says so', () => {
    const outcome = run(terms(8), [opened(JUNE(1, '09:00')), paused(JUNE(1, '10:00')), tick('2026-06-20T00:00:00Z')]);
    expect(outcome.said).toEqual([
      'opened@09:00:00.000',
      'paused@10:00:00.000',
      'resumed@2026-06-15T10:00:00.000',
      'breached@2026-06-15T17:00:00.000',
    ]);
    expect(outcome.announcements[2]?.data.reason).toBe('max-pause');
  });

  it('is never breached while the clock stands', () => {
    const outcome = run(terms(1), [opened(JUNE(1, '09:00')), paused(JUNE(1, '09:59')), tick(JUNE(8, '09:00'))]);
    expect(outcome.said.map((each) => each.split('@')[0])).toEqual(['opened', 'paused']);
  });

  it('a pause that begins at the very instant of due comes too late', () => {
    const outcome = run(terms(1), [opened(JUNE(1, '09:00')), paused(JUNE(1, '10:00')), tick(JUNE(1, '10:01'))]);
    expect(outcome.said.at(-1)).toBe('breached@10:00:00.000');
  });

  it('moves an elapsed due by its whole length, closed hours and all', () => {
    const elapsed = terms(0, { due: '{ within: PT8H }' });
    const inputs = [opened(JUNE(1, '09:00')), paused(JUNE(1, '16:00')), resumed(JUNE(2, '10:00'))];
    expect(due(run(elapsed, inputs))).toBe('2026-06-02T11:00:00.000Z');
  });
});

describe('policy changes', () => {
  const four = guaranteeText(working(4, { version: 2, more: 'effectiveFrom: 2026-06-02' }));
  const both = termsOf([guaranteeText(working(8)), four]);
  const before = [opened(JUNE(1, '09:00')), paused(JUNE(1, '10:00')), resumed(JUNE(1, '15:00'))];

  it('POL-1: re-derived on command, the pauses granted stay granted', () => {
    const outcome = run(terms(8), [...before, changes(both, JUNE(1, '15:00'), 'parcel')]);
    expect(outcome.said.at(-1)).toBe('due-changed@15:00:00.000');
    expect(due(outcome)).toBe('2026-06-02T10:00:00.000Z');
  });

  it('POL-2: a promise made keeps its terms', () => {
    const outcome = run(terms(8), [...before, changes(both, JUNE(1, '15:00'))]);
    expect(due(outcome)).toBe('2026-06-02T14:00:00.000Z');
    expect(outcome.said.at(-1)).toBe('resumed@15:00:00.000');
  });

  it('POL-3: what was promised under a guarantee that is no longer active is decided under it', () => {
    const none = { ...both, active: [] };
    const outcome = run(terms(8), [opened(JUNE(1, '09:00')), changes(none, JUNE(1, '10:00')), tick(JUNE(2, '00:00'))]);
    expect(outcome.said.at(-1)).toBe('breached@17:00:00.000');
  });
});

describe('warnings count working time', () => {
  it('WRN-1: an hour of open time before due', () => {
    const warned = terms(4, { more: 'warn: [{ before: PT1H }]' });
    const outcome = run(warned, [opened(JUNE(1, '16:00')), tick(JUNE(2, '11:30'))]);
    expect(due(outcome)).toBe('2026-06-02T12:00:00.000Z');
    expect(outcome.said).toEqual(['opened@16:00:00.000', 'at-risk@2026-06-02T11:00:00.000']);
  });

  it('WRN-2: over the night, where due comes soon after opening time', () => {
    const warned = terms(4, { more: 'warn: [{ before: PT1H }, { at: "50%", tell: customer }]' });
    const outcome = run(warned, [opened(JUNE(1, '13:30')), tick(JUNE(2, '09:29'))]);
    expect(due(outcome)).toBe('2026-06-02T09:30:00.000Z');
    expect(outcome.said).toEqual(['opened@13:30:00.000', 'at-risk@15:30:00.000', 'at-risk@16:30:00.000']);
    expect(outcome.announcements[1]?.data.warning).toEqual({ id: '50%', tell: 'customer' });
  });

  it('WRN-3: a promise learned of after its due breaches, and warns of nothing', () => {
    const warned = terms(4, { more: 'warn: [{ before: PT1H }, { at: "50%" }]' });
    const late = says(accepted(JUNE(1, '09:00'), JUNE(1, '09:00'), { received: JUNE(2, '09:00') }));
    const outcome = run(warned, [tick(JUNE(2, '09:00')), late, tick(JUNE(2, '09:01'))]);
    expect(outcome.said.map((each) => each.split('@')[0])).toEqual(['opened', 'breached']);
  });

  it('a pause moves the warning along, and none fires while the clock stands', () => {
    const warned = terms(4, { more: 'warn: [{ before: PT1H }]' });
    const outcome = run(warned, [
      opened(JUNE(1, '09:00')),
      paused(JUNE(1, '11:00')),
      tick(JUNE(1, '14:00')),
      resumed(JUNE(1, '14:00')),
      tick(JUNE(1, '15:01')),
    ]);
    expect(outcome.said).toEqual([
      'opened@09:00:00.000',
      'paused@11:00:00.000',
      'resumed@14:00:00.000',
      'at-risk@15:00:00.000',
    ]);
  });

  it('a fact may warn: the estimate lies beyond due', () => {
    const warned = termsOf(
      guaranteeText({ more: 'warn: [{ on: parcel.eta, when: event.data.eta > due, tell: customer }]' }),
    );
    const eta = (at: string, eta: string) => says(fact('parcel.eta', at, { data: { eta } }));
    const outcome = run(warned, [
      says(accepted('08:00', '10:00')),
      eta('08:30', '2026-06-01T09:59:00Z'),
      eta('08:45', '2026-06-01T10:30:00Z'),
      eta('08:50', '2026-06-01T10:40:00Z'),
    ]);
    expect(outcome.said).toEqual(['opened@08:00:00.000', 'at-risk@08:45:00.000']);
  });
});
