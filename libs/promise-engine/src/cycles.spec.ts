import { accepted, fact, guaranteeText, run, says, termsOf, tick, type Clauses } from './testing.spec-kit.js';

/** Traps of reopened tickets (section 4.5): UTC Mon-Fri 09-17, start Monday 09:00, 8 h, resolved Monday 11:00, reopened Wednesday 10:00. */
const terms = (onReopen: string, more: Clauses = {}) =>
  termsOf(
    guaranteeText({
      due: '{ within: PT8H, calendar: office }',
      allowance: 'PT0S',
      opens: `${onReopen === 'each' ? 'cycle: event.id' : `onReopen: ${onReopen}`}\n  ${more.opens ?? ''}`,
    }),
  );
const WEDNESDAY = '2026-06-03T10:00:00Z';
const opened = (time: string, id: string, more = {}) => says(accepted(time, time, { id, ...more }));
const resolved = (time: string, more = {}) => says(fact('parcel.delivered', time, more));
const story = [opened('09:00', 'first'), resolved('11:00'), opened(WEDNESDAY, 'second')];
const told = (outcome: ReturnType<typeof run>) =>
  outcome.announcements.map(({ kind, data }) => `${data.cycle} ${kind} ${data.dueAt}`);

describe('reopened', () => {
  it('REO-1: continue counts on from what was left', () => {
    expect(told(run(terms('continue'), story))).toEqual([
      'first opened 2026-06-01T17:00:00.000Z',
      'first kept 2026-06-01T17:00:00.000Z',
      'second opened 2026-06-03T16:00:00.000Z',
    ]);
  });

  it('REO-2: new-cycle begins anew, the first stays as it was', () => {
    expect(told(run(terms('new-cycle'), story)).at(-1)).toBe('second opened 2026-06-04T10:00:00.000Z');
  });

  it('REO-3: ignore leaves it kept', () => {
    expect(told(run(terms('ignore'), story))).toHaveLength(2);
  });

  it('REO-4: a second miss has a breach of its own', () => {
    const outcome = run(terms('new-cycle'), [
      opened('09:00', 'first'),
      resolved('2026-06-02T10:00:00Z'),
      opened(WEDNESDAY, 'second'),
      tick('2026-06-05T00:00:00Z'),
    ]);
    const breached = outcome.announcements.filter(({ kind }) => kind === 'breached').map(({ data }) => data.breachId);
    expect([breached.length, new Set(breached).size]).toEqual([2, 2]);
  });

  it('REO-5: reopened by mistake and closed again within the debounce never happened', () => {
    const debounced = terms('new-cycle', { opens: 'debounce: PT2M' });
    const mistake = [...story, resolved('2026-06-03T10:01:00Z'), tick('2026-06-03T10:05:00Z')];
    expect(told(run(debounced, mistake))).toHaveLength(2);
    const real = [...story, tick('2026-06-03T10:02:00.001Z')];
    expect(told(run(debounced, real)).at(-1)).toBe('second opened 2026-06-04T10:00:00.000Z');
    expect(told(run(debounced, [...story, tick('2026-06-03T10:02:00Z')]))).toHaveLength(2);
  });

  it('REO-6: what the guarantee does not cover opens no cycle', () => {
    const thanks = opened(WEDNESDAY, 'thanks', { product: 'thank-you' });
    expect(told(run(terms('new-cycle'), [...story.slice(0, 2), thanks]))).toHaveLength(2);
  });

  it('an opening while the cycle is open belongs to it', () => {
    expect(told(run(terms('new-cycle'), [opened('09:00', 'first'), opened('10:00', 'again')]))).toHaveLength(1);
  });
});

describe('a cycle each', () => {
  it('a reply closes all that were opened at or before it', () => {
    const outcome = run(terms('each'), [
      opened('09:00', 'a'),
      opened('10:00', 'b'),
      resolved('10:00'),
      opened('10:30', 'c'),
    ]);
    expect(outcome.announcements.map(({ kind, data }) => `${data.cycle} ${kind}`)).toEqual([
      'a opened',
      'b opened',
      'a kept',
      'b kept',
      'c opened',
    ]);
  });

  it('one that a late fact makes disappear is cancelled as superseded', () => {
    const outcome = run(terms('new-cycle'), [
      ...story,
      says(fact('parcel.delivered', WEDNESDAY.replace('10:00:00', '09:59:00'), { received: WEDNESDAY })),
    ]);
    expect(outcome.announcements.at(-1)?.kind).toBe('opened');
    const earlier = run(terms('new-cycle'), [
      opened('09:00', 'first'),
      resolved('12:00'),
      opened('13:00', 'second'),
      opened('08:00', 'zero', { received: '14:00' }),
    ]);
    expect(
      earlier.announcements.filter(({ kind }) => kind === 'cancelled').map(({ data }) => [data.cycle, data.reason]),
    ).toEqual([['first', 'superseded']]);
  });
});
