import { accepted, at, changes, fact, guaranteeText, run, says, termsOf, tick } from './testing.spec-kit.js';
import type { Disruption, Terms } from './index.js';

/** Opened 08:00, due 10:00, allowance five minutes, correction seven days. */
const opening = says(accepted('08:00', '10:00', { id: 'open' }));
const delivered = (time: string, more = {}) => says(fact('parcel.delivered', time, more));
const kinds = (said: readonly string[]) => said.map((each) => each.split('@')[0]);

describe('the deadline: a re-promise', () => {
  const again = (time: string, to: string, more = {}) =>
    says(fact('parcel.re-promised', time, { ...more, data: { to: new Date(at(to)).toISOString() } }));
  const terms = (more = '') =>
    termsOf(
      guaranteeText({
        keep: `rescheduled: [{ on: parcel.re-promised, to: event.data.to, noticeAtLeast: PT1H }]\n  rescheduleAtMost: 2\n  ${more}`,
      }),
    );

  it.each([
    ['with exactly the notice asked for', '09:00', ['opened', 'rescheduled'], '12:00'],
    ['a millisecond too late', '09:00:00.001', ['opened'], '10:00'],
  ])('%s', (_, time, said, due) => {
    const outcome = run(terms(), [opening, again(time, '12:00')]);
    expect(kinds(outcome.said)).toEqual(said);
    expect(outcome.state?.promises[0]?.dueAtMs).toBe(at(due));
  });

  it('is judged by the new due, and the first stays visible', () => {
    const outcome = run(terms(), [opening, again('08:30', '12:00'), delivered('11:00')]);
    expect(outcome.announcements.at(-1)?.data).toMatchObject({
      verdict: 'kept',
      dueAt: '2026-06-01T12:00:00.000Z',
      firstDueAt: '2026-06-01T10:00:00.000Z',
    });
  });

  it('is accepted so often, and no more', () => {
    const outcome = run(terms(), [opening, again('08:10', '11:00'), again('08:20', '12:00'), again('08:30', '13:00')]);
    expect(outcome.state?.promises[0]?.dueAtMs).toBe(at('12:00'));
  });

  it('that is learned after the breach takes it back, and the window follows the new due', () => {
    const outcome = run(terms(), [
      opening,
      tick('10:06'),
      again('08:30', '2026-06-20T10:00:00Z', { received: '11:00' }),
      says(fact('parcel.delivered', '2026-06-19T10:00:00Z')),
    ]);
    expect(kinds(outcome.said)).toEqual(['opened', 'overdue', 'breached', 'retracted', 'rescheduled', 'kept']);
  });

  it('does not free from the first deadline where the guarantee says so', () => {
    const outcome = run(terms('firstDeadline: full'), [opening, again('08:30', '12:00'), tick('10:06')]);
    expect(kinds(outcome.said)).toEqual(['opened', 'rescheduled', 'overdue', 'breached']);
  });
});

describe('failure before due', () => {
  const terms = termsOf(guaranteeText({ keep: 'failed: [{ on: parcel.lost }]' }));
  const lost = says(fact('parcel.lost', '09:00'));

  it('breaches at once, without allowance, with no lateness', () => {
    const outcome = run(terms, [opening, lost]);
    expect(outcome.said).toEqual(['opened@08:00:00.000', 'breached@09:00:00.000']);
    expect(outcome.announcements[1]?.data).toMatchObject({ verdict: 'breached', failedAt: '2026-06-01T09:00:00.000Z' });
    expect(outcome.announcements[1]?.data).not.toHaveProperty('latenessMs');
  });

  it('is taken back by a kept fact in time', () => {
    expect(kinds(run(terms, [opening, lost, delivered('09:59')]).said)).toEqual(['opened', 'breached', 'retracted']);
  });

  it('is not undone by a cancellation after it, only by one before', () => {
    const withdrawn = (time: string) => says(fact('parcel.withdrawn', time, { received: '09:30' }));
    expect(run(terms, [opening, lost, withdrawn('09:10')]).announcements.at(-1)?.data.verdict).toBe('breached');
    expect(run(terms, [opening, lost, withdrawn('09:00')]).announcements.at(-1)?.data.verdict).toBe('cancelled');
  });
});

describe('liability: excuses', () => {
  const terms = (more = '') =>
    termsOf(
      guaranteeText({
        more: `excuses: [{ code: wrong-address, on: parcel.exception, when: event.data.code == "address"${more} }]`,
      }),
    );
  const wrong = says(fact('parcel.exception', '09:00', { data: { code: 'address' } }));

  it('a miss that is excused from the start is never announced as a breach, its lateness is exact', () => {
    const outcome = run(terms(), [opening, wrong, tick('10:06'), delivered('12:00'), tick('2026-06-09T00:00:00Z')]);
    expect(kinds(outcome.said)).toEqual(['opened', 'overdue', 'excused', 'finalized']);
    expect(outcome.announcements.at(-1)?.data).toMatchObject({
      verdict: 'excused',
      excuse: 'wrong-address',
      latenessMs: 7_200_000,
      completedAt: '2026-06-01T12:00:00.000Z',
    });
  });

  it('only what its condition names', () => {
    const other = says(fact('parcel.exception', '09:00', { data: { code: 'traffic' } }));
    expect(kinds(run(terms(), [opening, other, tick('10:06')]).said)).toEqual(['opened', 'overdue', 'breached']);
  });

  it('has a budget: lateness beyond it is answered for', () => {
    const budget = terms(', budget: PT1H');
    const day = '2026-06-01T';
    expect(kinds(run(budget, [opening, wrong, tick('10:06'), tick(`${day}11:05:00.000Z`)]).said).at(-1)).toBe(
      'excused',
    );
    expect(run(budget, [opening, wrong, tick('10:06'), tick(`${day}11:05:00.001Z`)]).said.at(-1)).toBe(
      'breached@11:05:00.000',
    );
    const late = (time: string) =>
      run(budget, [opening, wrong, tick('10:06'), delivered(time)]).announcements.at(-1)?.data.verdict;
    expect([late('11:00'), late('11:00:00.001')]).toEqual(['excused', 'breached']);
  });

  it('a kept fact wins over any excuse', () => {
    expect(
      kinds(run(terms(), [opening, wrong, tick('10:06'), delivered('09:59', { received: '11:00' })]).said).at(-1),
    ).toBe('kept');
  });
});

describe('liability: declared disruptions', () => {
  const text = guaranteeText({
    opens: 'facts: { region: event.data.promisedAt }',
    more: 'excuses: [{ code: force-majeure, disruption: true }]',
  });
  const strike = (more: Partial<Disruption> = {}): Disruption => ({
    id: 'D-1',
    fromMs: at('09:00'),
    untilMs: at('09:30'),
    effect: 'excuse',
    scope: { matches: () => true },
    reason: 'strike',
    declaredAtMs: at('11:00'),
    withdrawnAtMs: null,
    ...more,
  });
  const plain = termsOf(text);
  const under = (...disruptions: Disruption[]): Terms => ({ ...plain, disruptions });
  const breached = [opening, tick('10:06')];

  it('declared after the breach excuses it, withdrawn reinstates it under the same id', () => {
    const outcome = run(plain, [
      ...breached,
      changes(under(strike()), '11:00'),
      changes(under(strike({ withdrawnAtMs: at('12:00') })), '12:00'),
    ]);
    expect(kinds(outcome.said)).toEqual(['opened', 'overdue', 'breached', 'excused', 'reinstated']);
    const ids = new Set(outcome.announcements.slice(2).map(({ data }) => data.breachId));
    expect([ids.size, outcome.announcements[3]?.data.disruption]).toEqual([1, 'D-1']);
  });

  it.each([
    ['ends as it opens', { fromMs: at('07:00'), untilMs: at('08:00') }, 'breached'],
    ['reaches its opening', { fromMs: at('07:00'), untilMs: at('08:00') + 1 }, 'excused'],
    ['begins at due', { fromMs: at('10:00'), untilMs: at('11:00') }, 'excused'],
    ['begins after due', { fromMs: at('10:00') + 1, untilMs: at('11:00') }, 'breached'],
    ['has another scope', { scope: { matches: () => false } }, 'breached'],
    ['was declared before everything', { declaredAtMs: 0 }, 'excused'],
  ])('one that %s: %s', (_, more, verdict) => {
    const outcome = run(under(strike(more)), [opening, tick('10:06')]);
    expect(outcome.announcements.at(-1)?.data.verdict).toBe(verdict);
  });

  it('counts only when declared within the correction window', () => {
    const endMs = at('2026-06-08T10:05:00.000Z');
    const declared = (declaredAtMs: number) =>
      run(plain, [...breached, changes(under(strike({ declaredAtMs })), '2026-06-08T10:05:00.000Z')]).announcements.at(
        -1,
      )?.data.verdict;
    expect([declared(endMs), declared(endMs + 1)]).toEqual(['excused', 'breached']);
  });

  it('pauses the clock while it lasts', () => {
    const outcome = run(under(strike({ effect: 'pause', declaredAtMs: 0 })), [
      opening,
      tick('09:10'),
      delivered('10:30'),
    ]);
    expect(outcome.announcements.at(-1)?.data).toMatchObject({ verdict: 'kept', dueAt: '2026-06-01T10:30:00.000Z' });
  });

  it('extends the due by its length', () => {
    const outcome = run(under(strike({ effect: 'extend', declaredAtMs: 0 })), [opening, tick('10:30:00.001')]);
    expect(outcome.announcements.at(-1)?.data).toMatchObject({ state: 'overdue', dueAt: '2026-06-01T10:30:00.000Z' });
  });

  it('excuses only what it caused: the last day before due', () => {
    const caused = (from: string, until: string) =>
      run(under(strike({ effect: 'excuse-if-caused', declaredAtMs: 0, fromMs: at(from), untilMs: at(until) })), [
        says(accepted('2026-05-28T08:00:00Z', '10:00')),
        tick('10:06'),
      ]).announcements.at(-1)?.data.verdict;
    expect([
      caused('2026-05-28T09:00:00Z', '2026-05-31T10:00:00Z'),
      caused('2026-05-28T09:00:00Z', '2026-05-31T10:00:00.001Z'),
    ]).toEqual(['breached', 'excused']);
  });

  it('looks for the last working day in the calendar of the alternative that gave the due', () => {
    const due =
      '[{ when: event.data.product == "EMS", within: PT8H, calendar: office }, { at: event.data.promisedAt }]';
    // Opened on Friday at noon, due on Monday at noon.
    const caused = (from: string, until: string) => {
      const disruption = strike({ effect: 'excuse-if-caused', declaredAtMs: 0, fromMs: at(from), untilMs: at(until) });
      const terms = termsOf(guaranteeText({ due, more: 'excuses: [{ code: force-majeure, disruption: true }]' }), {
        disruptions: [disruption],
      });
      return run(terms, [
        says(accepted('2026-06-05T12:00:00Z', '2026-06-05T13:00:00Z')),
        tick('2026-06-08T12:06:00Z'),
      ]).announcements.at(-1)?.data.verdict;
    };
    expect([
      caused('2026-06-07T13:00:00Z', '2026-06-07T20:00:00Z'),
      caused('2026-06-07T13:00:00Z', '2026-06-08T00:00:00.001Z'),
    ]).toEqual(['breached', 'excused']);
  });
});

describe('the clock: pauses told by what begins and what ends them', () => {
  const hold = (type: string, time: string, id: string) => says(fact(`parcel.${type}`, time, { data: { id } }));
  // Two holds overlap, 08:30 to 09:30 and 09:00 to 10:30: two hours in all.
  const holds = [
    hold('held', '08:30', 'A'),
    hold('held', '09:00', 'B'),
    hold('freed', '09:30', 'A'),
    hold('freed', '10:30', 'B'),
  ];
  const dueWith = (key: string, inputs = holds) => {
    const keep = `paused: [{ on: parcel.held, ${key}until: parcel.freed }]`;
    return run(termsOf(guaranteeText({ keep })), [opening, ...inputs, tick('10:31')]).state?.promises[0]?.dueAtMs;
  };

  it('each by its key, in any order of arrival; without a key one at a time', () => {
    const key = 'key: event.data.id, ';
    expect([dueWith(key), dueWith(''), dueWith(key, [...holds].reverse())]).toEqual([
      at('12:00'),
      at('11:00'),
      at('12:00'),
    ]);
  });

  it('an end without its beginning ends nothing', () => {
    const inputs = [hold('held', '08:30', 'A'), hold('freed', '09:30', 'B'), hold('freed', '10:00', 'A')];
    expect(dueWith('key: event.data.id, ', inputs)).toBe(at('11:30'));
  });
});
