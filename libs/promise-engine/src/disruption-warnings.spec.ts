import { accepted, at, changes, fact, guaranteeText, run, says, termsOf, tick } from './testing.spec-kit.js';
import type { Disruption, Terms } from './index.js';

/** Opened 08:00, due 10:00, allowance five minutes. */
const opening = says(accepted('08:00', '10:00', { id: 'open' }));
const delivered = (time: string) => says(fact('parcel.delivered', time));
const kinds = (said: readonly string[]) => said.map((each) => each.split('@')[0]);

describe('the warning of a declared disruption', () => {
  const text = (more = '') => guaranteeText({ more: `warn: [{ disruption: true, tell: customer }]\n${more}` });
  const plain = termsOf(text());
  const strike = (more: Partial<Disruption> = {}): Disruption => ({
    ...{ id: 'D-1', fromMs: at('09:00'), untilMs: at('09:30'), effect: 'excuse', scope: { matches: () => true } },
    ...{ reason: 'strike', declaredAtMs: at('08:30'), withdrawnAtMs: null },
    ...more,
  });
  const under = (...disruptions: Disruption[]): Terms => ({ ...plain, disruptions });
  const declared = (...disruptions: Disruption[]) => changes(under(...disruptions), '08:30');

  it('is told once, with the disruption and whom to tell', () => {
    const outcome = run(plain, [opening, declared(strike()), tick('09:00'), tick('09:45'), delivered('09:50')]);
    expect(kinds(outcome.said)).toEqual(['opened', 'at-risk', 'kept']);
    expect(outcome.announcements[1]?.data).toMatchObject({
      state: 'at-risk',
      decidedAt: '2026-06-01T08:30:00.000Z',
      disruption: 'D-1',
      warning: { id: 'disruption', tell: 'customer' },
    });
  });

  it.each([
    ['ends as it opens', { fromMs: at('07:00'), untilMs: at('08:00') }, false],
    ['reaches its opening', { fromMs: at('07:00'), untilMs: at('08:00') + 1 }, true],
    ['begins at due', { fromMs: at('10:00'), untilMs: at('11:00') }, true],
    ['begins after due', { fromMs: at('10:00') + 1, untilMs: at('11:00') }, false],
    ['has another scope', { scope: { matches: () => false } }, false],
  ])('one that %s: told %s', (_, more, isTold) => {
    const outcome = run(plain, [opening, declared(strike(more))]);
    expect(kinds(outcome.said).includes('at-risk')).toBe(isTold);
  });

  it('is told of each disruption, and of none that was declared before the promise or withdrawn', () => {
    const second = strike({ id: 'D-2', declaredAtMs: at('08:40') });
    const both = run(plain, [opening, declared(strike()), changes(under(strike(), second), '08:40')]);
    expect(both.announcements.slice(1).map(({ data }) => data.disruption)).toEqual(['D-1', 'D-2']);
    const before = run(under(strike({ declaredAtMs: 0 })), [opening, tick('09:00')]);
    expect(kinds(before.said)).toEqual(['opened']);
    const gone = run(plain, [opening, declared(strike({ withdrawnAtMs: at('08:30') }))]);
    expect(kinds(gone.said)).toEqual(['opened']);
  });

  it('is told up to due and no more, nor where a verdict has fallen', () => {
    const late = changes(under(strike({ declaredAtMs: at('10:01') })), '10:01');
    expect(kinds(run(plain, [opening, late]).said)).toEqual(['opened', 'overdue']);
    expect(kinds(run(plain, [opening, delivered('08:20'), declared(strike())]).said)).toEqual(['opened', 'kept']);
  });

  it('changes no deadline and excuses nothing by itself', () => {
    for (const effect of ['pause', 'extend', 'excuse'] as const) {
      const outcome = run(plain, [opening, declared(strike({ effect })), tick('10:06')]);
      expect(kinds(outcome.said)).toEqual(['opened', 'at-risk', 'overdue', 'breached']);
      expect(outcome.announcements.at(-1)?.data.dueAt).toBe('2026-06-01T10:00:00.000Z');
    }
  });

  it('is told although the clock stands, and leaves it standing', () => {
    const pausing = termsOf(
      guaranteeText({
        keep: 'paused: [{ on: parcel.held, until: parcel.released }]',
        more: 'warn: [{ disruption: true, tell: customer }]',
      }),
    );
    const outcome = run(pausing, [
      opening,
      says(fact('parcel.held', '08:10')),
      changes({ ...pausing, disruptions: [strike()] }, '08:30'),
      says(fact('parcel.released', '08:40')),
    ]);
    expect(kinds(outcome.said)).toEqual(['opened', 'paused', 'at-risk', 'resumed']);
    expect(outcome.announcements[2]?.data.state).toBe('paused');
  });

  it('is not told again by a re-promise', () => {
    const moving = termsOf(
      guaranteeText({
        keep: 'rescheduled: [{ on: parcel.re-promised, to: event.data.to }]',
        more: 'warn: [{ disruption: true, tell: customer }]',
      }),
    );
    const outcome = run(moving, [
      opening,
      changes({ ...moving, disruptions: [strike()] }, '08:30'),
      says(fact('parcel.re-promised', '08:40', { data: { to: new Date(at('12:00')).toISOString() } })),
      tick('09:00'),
    ]);
    expect(kinds(outcome.said)).toEqual(['opened', 'at-risk', 'rescheduled']);
  });

  it('ends the silence of a guarantee that announces consequences', () => {
    const quiet = termsOf(
      guaranteeText({ announce: 'consequences', more: 'warn: [{ disruption: true, tell: customer }]' }),
    );
    const outcome = run(quiet, [opening, changes({ ...quiet, disruptions: [strike()] }, '08:30')]);
    expect(kinds(outcome.said)).toEqual(['at-risk']);
  });
});
