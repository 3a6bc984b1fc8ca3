import type { LineEvent } from '#libs/contracts';
import { compensationOf } from '../customer-document/counts.js';
import { eventsOfDocument } from '../customer-document/model-events.js';
import { DAY_MS, lineEvent, promiseEvent, SAMPLE_SIGNALS, START_MS } from './events-for-tests.js';
import { feed } from './feed-for-tests.js';

const DUE = START_MS + DAY_MS;
const ALLOWED = DUE + DAY_MS / 4;

const opened = promiseEvent({ kind: 'opened', decidedAtMs: START_MS });
const kept = (completedAtMs: number) =>
  promiseEvent({
    kind: 'kept',
    sequence: 2,
    state: 'kept',
    verdict: 'kept',
    completedAtMs,
    decidedAtMs: completedAtMs,
  });
const breached = promiseEvent({
  kind: 'breached',
  sequence: 2,
  state: 'breached',
  verdict: 'breached',
  decidedAtMs: ALLOWED,
});
const completedLate = (completedAtMs: number) =>
  promiseEvent({
    kind: 'completed-late',
    sequence: 3,
    state: 'completed-late',
    verdict: 'breached',
    completedAtMs,
    decidedAtMs: completedAtMs,
  });
const retracted = promiseEvent({
  kind: 'retracted',
  sequence: 3,
  state: 'retracted',
  verdict: 'kept',
  completedAtMs: DUE,
  decidedAtMs: ALLOWED + DAY_MS,
});
const refund = lineEvent({ type: 'refund.requested', decidedAtMs: ALLOWED });
const apology = lineEvent({ type: 'apology.requested', lineId: 'l2', decidedAtMs: ALLOWED });

describe('a customer by what the log tells', () => {
  it('gains by a promise kept a day early', () => {
    const { standing, told } = feed([opened, kept(DUE - DAY_MS)]);
    expect(standing?.components.score).toBeGreaterThan(60.2); // worked case 4: 60.26, seen some days later
    expect(standing?.components.score).toBeLessThan(60.45);
    expect(told.map(({ type }) => type)).toEqual(['makegood.loyalty.score-changed']);
    expect(told[0]?.data.parts?.[0]).toMatchObject({ part: 'experience' });
  });

  it('says nothing of a promise kept exactly, and of an opening', () => {
    expect(feed([opened, kept(DUE)]).told).toEqual([]);
  });

  it('loses by a day late as by the worked case of one tolerance late', () => {
    const { standing, counts } = feed([opened, breached, completedLate(DUE + DAY_MS)]);
    expect(standing?.components.score).toBeGreaterThan(51.5); // case 5: 51.86, as of the completion
    expect(standing?.components.score).toBeLessThan(52.1);
    expect(counts).toMatchObject({ kept: 0, missed: 1, open: 0 });
  });

  it('loses more by a promise of more importance, and gains more by the last one of a visit', () => {
    const withFacts = (event: typeof breached, facts: object) => ({ ...event, data: { ...event.data, facts } });
    const scoreOf = (facts: object, ...events: (typeof breached)[]) =>
      feed(events.map((event) => withFacts(event, facts))).view.score;
    const [plainly, early] = [scoreOf({}, breached), scoreOf({}, kept(DUE - DAY_MS))];
    expect(scoreOf({ importance: 2 }, breached)).toBeLessThan(plainly);
    expect(scoreOf({ importance: 0.5 }, breached)).toBeGreaterThan(plainly);
    expect(scoreOf({ end: true }, kept(DUE - DAY_MS))).toBeGreaterThan(early);
    // Facts are the tenant's: whatever is no weight counts as none.
    for (const importance of ['high', -1, 6, null]) expect(scoreOf({ importance }, breached)).toBe(plainly);
    expect(scoreOf({ end: 'yes' }, kept(DUE - DAY_MS))).toBe(early);
  });

  it('knows the same whether the breach was announced before the outcome or not', () => {
    const late = completedLate(DUE + DAY_MS);
    expect(feed([opened, breached, late]).view.score).toBe(feed([late]).view.score);
  });

  it('takes a breach back when it is retracted, and names what it corrects', () => {
    const { told, view, counts } = feed([opened, breached, refund, retracted, { ...refund, ...cancelled(refund) }]);
    expect(view.components.trust).toBe(1);
    expect(counts).toMatchObject({ kept: 1, missed: 0, compensationMinor: {} });
    const [announcement] = told;
    expect(told.find(({ data }) => data.corrects !== undefined)?.data).toMatchObject({
      corrects: announcement?.id,
      cause: { type: 'makegood.promise.retracted' },
    });
  });

  it.each(['excused', 'cancelled'] as const)('forgets a breach that is %s', (verdict) => {
    const end = promiseEvent({ kind: verdict, sequence: 3, state: verdict, verdict, decidedAtMs: ALLOWED + DAY_MS });
    const { view, counts } = feed([opened, breached, refund, end]);
    expect(view.components.trust).toBe(1);
    expect(counts[verdict]).toBe(1);
    expect(counts.missed).toBe(0);
  });

  it('counts a promise never done from its end on, and worse than a breach of unknown outcome', () => {
    const end = { kind: 'finalized', sequence: 3, state: 'final', verdict: 'breached' } as const;
    const open = feed([opened, breached]).view;
    const never = feed([opened, breached, promiseEvent({ ...end, decidedAtMs: ALLOWED + 1 })]).view;
    expect(never.score).toBeLessThan(open.score - 10); // worked cases 7 and 15: 35.97 and 54.89
  });

  it('heals by refund and apology of one instant as by one recovery', () => {
    const hurt = feed([opened, breached]);
    const healed = feed([opened, breached, refund, apology]);
    expect(healed.view.score).toBeGreaterThan(hurt.view.score + 2);
    const recoveries = eventsOfDocument(healed.document, SAMPLE_SIGNALS.settings).filter(
      ({ type }) => type === 'recovery.done',
    );
    expect(recoveries).toEqual([
      expect.objectContaining({ compensation: 2_000, loss: 2_000, apology: 'auto', initiated: 'company', match: true }),
    ]);
    expect(compensationOf(healed.counts)).toEqual([{ amountMinor: 2_000, currency: 'CNY' }]);
  });

  it('takes points for a goodwill that is not in kind: better than nothing, less than the money', () => {
    const points = lineEvent({ type: 'points.requested', lineId: 'l3', points: 500, decidedAtMs: ALLOWED });
    const [without, withPoints] = [feed([opened, breached]), feed([opened, breached, points])];
    expect(withPoints.view.score).toBeGreaterThan(without.view.score);
    expect(withPoints.view.score).toBeLessThan(feed([opened, breached, refund]).view.score);
    expect(compensationOf(withPoints.counts)).toEqual([{ amountMinor: 500, currency: 'XPT' }]);
  });

  it('adds later lines of a promise to what was given before', () => {
    const half = { amount: { amountMinor: 1_000, currency: 'CNY' } };
    const first = lineEvent({ type: 'refund.requested', decidedAtMs: ALLOWED, ...half });
    const second = lineEvent({ type: 'refund.requested', lineId: 'l9', decidedAtMs: ALLOWED + DAY_MS, ...half });
    const given = eventsOfDocument(feed([opened, breached, first, second]).document, SAMPLE_SIGNALS.settings).flatMap(
      (event) => (event.type === 'recovery.done' ? [event.compensation] : []),
    );
    expect(given).toEqual([1_000, 2_000]);
  });

  it('tells parts that sum to the move, to the millionth', () => {
    const { told } = feed([opened, breached, refund, apology, completedLate(DUE + 2 * DAY_MS)]);
    expect(told.length).toBeGreaterThanOrEqual(3);
    for (const { data } of told) {
      const sum = (data.parts ?? []).reduce((total, { points }) => total + Math.round(points * 1e6), 0);
      expect(sum).toBe(Math.round((data.delta ?? 0) * 1e6));
      expect(Math.round((data.previous ?? 0) * 1e6) + sum).toBe(Math.round(data.score * 1e6));
    }
    expect(told[0]?.data.parts?.map(({ part }) => part)).toEqual(
      expect.arrayContaining(['trust.lateness', 'trust.loss_asymmetry']),
    );
  });

  it('tells a tier that moved beside the score', () => {
    const never = promiseEvent({
      kind: 'finalized',
      sequence: 2,
      state: 'final',
      verdict: 'breached',
      decidedAtMs: ALLOWED,
    });
    const { told } = feed([never]);
    expect(told.map(({ type, data }) => [type, data.tier])).toEqual([
      ['makegood.loyalty.score-changed', 'at_risk'],
      ['makegood.loyalty.tier-changed', 'at_risk'],
      ['makegood.loyalty.risk-raised', 'at_risk'],
    ]);
    expect(told[2]?.data.causes).toEqual(['tier_fell']);
    expect(new Set(told.map(({ id }) => id)).size).toBe(3);
  });
});

function cancelled(line: LineEvent): Pick<LineEvent, 'id' | 'type' | 'time' | 'data'> {
  const decidedAtMs = ALLOWED + DAY_MS;
  return lineEvent({ ...line.data, type: 'refund.cancelled', lineSequence: 2, decidedAtMs });
}
