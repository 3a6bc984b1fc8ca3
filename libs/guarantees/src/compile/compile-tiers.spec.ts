import { compileGuarantees } from './compile-guarantees.js';
import { textOf } from '../test-terms.js';

const problemsOf = (remedy: string, root = ''): string[] => {
  const text = textOf({ root, opens: 'base: { fare: event.data.fare }', remedies: `\n  - ${remedy}` });
  const { problems } = compileGuarantees([{ file: 'guarantees/x.yaml', text }]);
  return (problems ?? []).map(({ code, detail, at }) => `${code} ${at?.line}:${at?.column} ${detail.split('\n')[0]}`);
};
const tiers = (list: string, more = 'of: base.fare, '): string[] =>
  problemsOf(`{ id: a, kind: refund, tiers: { ${more}list: [${list}] } }`);

describe('tiers', () => {
  it('are accepted from the tightest bound on, with a default', () => {
    expect(tiers('{ atLeast: PT2H, percent: 50 }, { atLeast: PT1H, percent: 25 }, { percent: 0 }')).toEqual([]);
    expect(tiers('{ over: PT1H, percent: 50 }, { atLeast: PT1H, percent: 25 }, { percent: 0 }')).toEqual([]);
    expect(
      tiers(
        '{ below: 95, percent: 100 }, { below: 99.9, percent: 10 }, { percent: 0 }',
        'measure: 97, of: base.fare, ',
      ),
    ).toEqual([]);
  });

  it.each([
    ['{ atLeast: PT1H, percent: 25 }, { atLeast: PT2H, percent: 50 }, { percent: 0 }', 2],
    ['{ atLeast: PT1H, percent: 25 }, { atLeast: PT1H, percent: 50 }, { percent: 0 }', 2],
    ['{ atLeast: PT1H, percent: 25 }, { over: PT1H, percent: 50 }, { percent: 0 }', 2],
    ['{ percent: 25 }, { atLeast: PT1H, percent: 25 }, { percent: 0 }', 3],
  ])('%s has a tier that is never reached', (list, count) => {
    const unreachable = tiers(list).filter((problem) => problem.startsWith('GUARANTEE_TIER_UNREACHABLE'));
    expect(unreachable.length).toBe(count === 3 ? 2 : 1);
    expect(unreachable[0]).toMatch(/never reached: the one on line \d+ holds wherever it would/);
  });

  it('need a last one without a bound', () => {
    expect(tiers('{ atLeast: PT1H, percent: 25 }')).toEqual([
      expect.stringMatching(/^GUARANTEE_TIER_MISSING_DEFAULT \d+:\d+ the last tier has a bound/),
    ]);
  });

  it('refuse what cannot be a bound, two bounds, two amounts, and a share of nothing', () => {
    expect(tiers('{ atLeast: 3 weeks, percent: 5 }, { percent: 0 }')[0]).toMatch('`3 weeks` is not a duration');
    expect(tiers('{ atLeast: PT1H, percent: 5 }, { percent: 0 }', 'measure: 3, of: base.fare, ')[0]).toMatch(
      '`PT1H` is not a number',
    );
    expect(tiers('{ atLeast: PT1H, below: PT2H, percent: 5 }, { percent: 0 }')[0]).toMatch('a tier has one bound');
    expect(tiers('{ percent: 5, amount: base.fare }')[0]).toMatch('both are there');
    expect(tiers('{ percent: 5 }', '')[0]).toMatch('a share needs tiers.of');
  });
});

describe('other terms of remedies', () => {
  it.each([
    [
      '{ id: a, kind: refund, amount: base.fare, perDay: { amount: money(1) } }',
      '',
      'a remedy has one of amount and perDay',
    ],
    [
      '{ id: a, kind: apology, template: t, maximum: money(1) }',
      '',
      '`maximum` says nothing in a remedy of kind apology',
    ],
    ['{ id: a, kind: refund, perDay: { rate: repair } }', '', 'there is no table of rates `repair`'],
    ['{ id: a, kind: refund, perDay: {} }', '', 'perDay needs rate or amount; neither is there'],
    ['{ id: a, kind: refund, amount: base.fare, base: fair }', '', 'opens.base has no `fair`'],
    ['{ id: a, kind: refund, amount: base.fare, payBy: { days: 2, months: 1 } }', '', 'days and months are there'],
    ['{ id: a, kind: refund, amount: base.fare, payBy: { days: 2 }, payWithin: P1D }', '', 'payWithin or payBy'],
    ['{ id: a, kind: refund, amount: base.fare }', 'payoutUnit: "0.001"', 'payoutUnit: `0.001` is no amount of EUR'],
    ['{ id: a, kind: refund, amount: base.fare }', 'lateness: [{}]', 'in days or from a moment: neither is there'],
    [
      '{ id: a, kind: refund, amount: base.fare }',
      'rates: { r: [{ from: 2026-02-01, amount: "1" }, { from: 2026-01-01, amount: "2" }] }',
      'rates.r: 2026-01-01 does not come after 2026-02-01',
    ],
    [
      '{ id: a, kind: refund, amount: base.fare }',
      'rates: { r: [{ from: 2026-02-01, amount: lots }] }',
      '`lots` is no money',
    ],
    ['{ id: a, kind: refund, amount: base.fare }', 'claim: { within: {} }', 'within needs exactly one of'],
  ])('%s %s: %s', (remedy, root, message) => {
    expect(problemsOf(remedy, root)).toEqual([expect.stringContaining(message)]);
  });
});
