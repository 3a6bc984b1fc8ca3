import type { PromiseEventData } from '#libs/contracts';
import { breach, brief, DUE, judged, terms } from './breaches.spec-kit.js';

/** Due is Wed 3 June 2026, 23:59 in London. */
const RATES = `rates:
  repair: [{ from: 2025-04-01, amount: "9.98" }, { from: 2026-04-01, amount: "10.34" }, { from: 2026-06-07, amount: "11.00" }]`;
const guarantee = (perDay: string, root = '') =>
  terms(`  - { id: d, kind: refund, perDay: { rate: repair, ${perDay} } }`, `${RATES}\n${root}`);
const done = (at: string, more: Partial<PromiseEventData> = {}) => breach(Date.parse(at) - DUE, more);

describe('an amount a day', () => {
  it.each([
    ['2026-06-03T22:59:00.001Z', 'no_whole_period'],
    ['2026-06-03T23:00:00Z', 'no_whole_period'], // Thu 00:00: the day of completion does not count
    ['2026-06-04T22:59:59.999Z', 'no_whole_period'],
    ['2026-06-04T23:00:00Z', 'compensated 1034'],
    ['2026-06-05T09:00:00Z', 'compensated 1034'],
    ['2026-06-07T09:00:00Z', 'compensated 3102'],
    ['2026-06-08T09:00:00Z', 'compensated 4202'], // Sunday at its own rate
  ])('done at %s: %s', (at, expected) => {
    expect(brief(judged(guarantee(''), done(at)))).toBe(expected);
  });

  it('counts the last day, or the day of due, where the guarantee says so', () => {
    expect(
      brief(judged(guarantee('countLastDay: facts.n == 1'), done('2026-06-05T09:00:00Z', { facts: { n: 1 } }))),
    ).toBe('compensated 2068');
    expect(brief(judged(guarantee('countDueDay: true'), done('2026-06-05T09:00:00Z')))).toBe('compensated 2068');
    expect(brief(judged(guarantee('rateOn: opening'), done('2026-06-08T09:00:00Z')))).toBe('compensated 4136');
  });

  it('leaves out days that a pause touches, and suspended ones', () => {
    const pauses = [{ from: '2026-06-05T23:00:00.000Z', until: '2026-06-06T23:00:00.000Z', reason: 'away' }];
    expect(brief(judged(guarantee('skip: [away]'), done('2026-06-07T09:00:00Z', { pauses })))).toBe('compensated 2068');
    expect(brief(judged(guarantee('skip: [ill]'), done('2026-06-07T09:00:00Z', { pauses })))).toBe('compensated 3102');
    const rest = (from: string, until: string) => guarantee('', `suspended: [{ from: ${from}, until: ${until} }]`);
    expect(brief(judged(rest('2026-06-01', '2026-06-05'), done('2026-06-07T09:00:00Z')))).toBe('compensated 1034');
    expect(brief(judged(rest('2026-06-04', '2026-06-06'), done('2026-06-07T09:00:00Z')))).toBe('suspended');
    expect(brief(judged(rest('2026-06-04', '2026-06-06'), done('2026-06-04T09:00:00Z')))).toBe('no_whole_period');
  });

  it('is told by rate', () => {
    expect(judged(guarantee(''), done('2026-06-08T09:00:00Z')).lines[0]?.steps).toEqual([
      '1. 2026-06-04 to 2026-06-06: 3 days × 10.34 GBP = 31.02 GBP',
      '2. 2026-06-07: 1 day × 11.00 GBP = 11.00 GBP',
    ]);
  });

  it('waits for completion, or follows the bands', () => {
    expect(brief(judged(guarantee(''), breach(null)))).toBe('pending');
    expect(brief(judged(guarantee('', 'settle: bands'), breach(null, { lateSoFarMs: 49 * 3_600_000 })))).toBe(
      'compensated 2068',
    );
  });
});
