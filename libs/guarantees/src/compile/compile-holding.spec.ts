import { compileGuarantees } from './compile-guarantees.js';
import { breachScope, sample, textOf } from '../test-terms.js';
import { NOTHING_HELD } from './compile-holding.js';
import type { VerdictScope } from '../remedy.js';

const holding = (root: string, parts: { currency?: string; opens?: string } = {}) =>
  sample({ root, opens: 'facts: { region: event.data.region, vip: event.data.vip }', ...parts }).holding;
const problems = (root: string): string[] =>
  (compileGuarantees([{ file: 'guarantees/x.yaml', text: textOf({ root }) }]).problems ?? []).map(
    ({ code, detail }) => `${code} ${detail.split('\n')[0]}`,
  );
const verdict = (facts: Record<string, unknown>): VerdictScope => breachScope({ facts });

describe('holding terms', () => {
  it('hold nothing where the guarantee says nothing', () => {
    expect(holding('')).toEqual(NOTHING_HELD);
  });

  it('read amounts in major units, with or without a currency, or as a constant expression', () => {
    expect(holding('approval: { above: 50.00, secondAbove: money("500") }').approval).toEqual({
      above: { amountMinor: 5_000, currency: 'EUR' },
      secondAbove: { amountMinor: 50_000, currency: 'EUR' },
    });
    expect(holding('budget: { amount: 1.250 KWD, per: month }').budget).toEqual({
      amount: { amountMinor: 1_250, currency: 'KWD' },
      per: 'month',
    });
    expect(holding('budgetPerCustomer: { amount: 5000, per: year }', { currency: 'JPY' }).budgetPerCustomer).toEqual({
      amount: { amountMinor: 5_000, currency: 'JPY' },
      per: 'year',
    });
  });

  it('refuse an amount that depends on the promise, and a second limit below the first', () => {
    expect(problems('approval: { above: base.price }')).toHaveLength(1);
    expect(problems('approval: { above: 50, secondAbove: 49.99 }')).toEqual([
      'GUARANTEE_TERMS_CONFLICT secondAbove is less than above',
    ]);
    expect(problems('approval: { above: 50, secondAbove: 50 }')).toEqual([]);
  });

  it('read the breaker by its condition or its factor', () => {
    const breaker = holding('breaker: { holdIf: breaches > 2.5 * usual, region: facts.region }').breaker;
    expect(breaker).toMatchObject({ factorMicros: 2_500_000, usualAtLeast: 20 });
    expect(breaker?.region?.evaluate(verdict({ region: 'SP' }))).toBe('SP');
    expect(breaker?.region?.evaluate(verdict({}))).toBeNull();
    expect(holding('breaker: { factor: 5, usualAtLeast: 3 }').breaker).toMatchObject({
      factorMicros: 5_000_000,
      usualAtLeast: 3,
      region: null,
    });
    expect(problems('breaker: { holdIf: breaches > usual }')).toHaveLength(1);
    expect(problems('breaker: { holdIf: breaches > 5 * usual, factor: 5 }')).toHaveLength(1);
    expect(problems('breaker: {}')).toHaveLength(1);
  });

  it('claw back only with a cap', () => {
    expect(holding('afterPayment: offset').afterPayment).toEqual({ kind: 'offset' });
    expect(holding('afterPayment: claw-back\nclawBackCap: 20').afterPayment).toEqual({
      kind: 'claw-back',
      cap: { amountMinor: 2_000, currency: 'EUR' },
    });
    expect(problems('afterPayment: claw-back')).toHaveLength(1);
    expect(problems('clawBackCap: 20')).toHaveLength(1);
  });

  it('say when money that nobody claims is reminded of, and how long it may be claimed', () => {
    const day = 86_400_000;
    expect(holding('').unclaimed).toEqual({ remindAfterMs: 30 * day, claimWithinMs: null });
    expect(holding('unclaimed: { remindAfter: P14D, claimWithin: P365D }').unclaimed).toEqual({
      remindAfterMs: 14 * day,
      claimWithinMs: 365 * day,
    });
    expect(problems('unclaimed: { claimWithin: P30D }')).toHaveLength(1);
    expect(problems('unclaimed: { claimWithin: soon }')).toHaveLength(1);
  });

  it('choose the route by its name or by the verdict', () => {
    expect(holding('route: export:bank').route?.evaluate(verdict({}))).toBe('export:bank');
    const byRegion = holding(`route: 'facts.region == "DE" ? "export:sepa" : "elsewhere"'`).route;
    expect(byRegion?.evaluate(verdict({ region: 'DE' }))).toBe('export:sepa');
    expect(byRegion?.evaluate(verdict({ region: 'BR' }))).toBe('topic'); // no route of that name: the public one
    expect(problems('route: pigeon')).toHaveLength(1);
  });

  it('read quiet hours and who calls', () => {
    expect(holding('quietHours: { from: "21:30", to: "08:00" }').quietHours).toEqual({
      fromMinute: 1_290,
      toMinute: 480,
    });
    expect(problems('quietHours: { from: "24:00", to: "08:00" }')).toHaveLength(1);
    const { handling } = holding('handling: { personal: facts.vip == true, by: Ana Novak }');
    expect([handling?.personal.evaluate(verdict({ vip: true })), handling?.by]).toEqual([true, 'Ana Novak']);
  });
});
