import fc from 'fast-check';
import { breach, brief, DAY, fare, HOUR, judged, terms } from './breaches.spec-kit.js';

const TIERS = `  - id: t
    kind: refund
    tiers:
      of: 'facts.n == 2 ? base.fare / 2 : base.fare'
      list: [{ atLeast: PT2H, percent: 50 }, { over: PT1H, percent: 25 }, { percent: 0 }]
    minimum: { atLeast: 'money("4.00")' }`;

describe('tiers', () => {
  const guarantee = terms(TIERS);
  it.each([
    [HOUR, 8000, 'no_whole_period'],
    [HOUR + 1, 8000, 'compensated 2000'],
    [2 * HOUR - 1, 8000, 'compensated 2000'],
    [2 * HOUR, 8000, 'compensated 4000'],
    [2 * HOUR, 799, 'compensated 400'], // 3.995 rounds to the minimum before it is held against it
    [2 * HOUR, 798, 'below_minimum'],
  ])('%d ms late on a fare of %d: %s', (latenessMs, amountMinor, expected) => {
    expect(brief(judged(guarantee, breach(latenessMs, fare(amountMinor))))).toBe(expected);
  });

  it('take shares of a derived base, exact to the end', () => {
    expect(brief(judged(guarantee, breach(90 * 60_000, { ...fare(15_801), facts: { n: 2 } })))).toBe(
      'compensated 1975',
    );
  });

  it('wait for the lateness, unless bands are settled', () => {
    expect(brief(judged(guarantee, breach(null, fare(8000))))).toBe('pending');
    const bands = terms(TIERS, 'settle: bands');
    expect(brief(judged(bands, breach(null, { ...fare(8000), lateSoFarMs: 2 * HOUR + 1 })))).toBe('compensated 4000');
    expect(brief(judged(terms(TIERS), breach(null, { ...fare(8000), lateSoFarMs: 2 * HOUR + 1 })))).toBe('pending');
  });

  it('end with the cancellation that ends an open breach', () => {
    const cancelledAt = new Date(Date.parse('2026-06-03T22:59:00Z') + 90 * 60_000).toISOString();
    expect(brief(judged(guarantee, breach(null, { ...fare(8000), cancelledAt })))).toBe('compensated 2000');
  });

  it('measure what they are told to, exactly', () => {
    const uptime = terms(`  - id: m
    kind: credit
    tiers:
      measure: 100 - 100 * exact(facts.n) / 43200
      of: base.fare
      list: [{ below: 95, percent: 100 }, { below: 99.95, percent: 10 }, { percent: 0 }]
    minimum: { over: 'money("1.00")' }`);
    const at = (n: number, amountMinor = 10_000) =>
      brief(judged(uptime, breach(null, { ...fare(amountMinor), facts: { n } })));
    expect([at(21.6), at(21.7), at(2160), at(2160.1), at(30, 1000), at(30, 1010)]).toEqual([
      'no_whole_period',
      'compensated 1000',
      'compensated 1000',
      'compensated 10000',
      'below_minimum',
      'compensated 101',
    ]);
  });
});

describe('periods', () => {
  const guarantee =
    terms(`  - { id: a, kind: refund, amount: 'money(80) + money(40) * perCompleted(lateness, PT6H)', maximum: money(200) }
  - { id: b, kind: refund, amount: 'money("8.00") * perStarted(lateness, PT24H)' }`);
  it.each([
    [1, 'compensated 8000,800'],
    [6 * HOUR - 1, 'compensated 8000,800'],
    [6 * HOUR, 'compensated 12000,800'],
    [DAY, 'compensated 20000,800'],
    [DAY + 1, 'compensated 20000,1600'],
    [400 * HOUR, 'compensated 20000,13600'],
  ])('%d ms late: %s', (latenessMs, expected) => {
    expect(brief(judged(guarantee, breach(latenessMs)))).toBe(expected);
  });

  it('are explained step by step, each amount among the arguments', () => {
    const { lines } = judged(guarantee, breach(2 * DAY + 3 * HOUR));
    expect(lines.map(({ steps }) => steps)).toEqual([
      [
        '1. 2 d 3 h → 8 completed periods of 6 h',
        '2. 40.00 GBP × 8 = 320.00 GBP',
        '3. 80.00 GBP + 320.00 GBP = 400.00 GBP',
        '4. 400.00 GBP is more than the cap: 200.00 GBP',
      ],
      ['1. 2 d 3 h → 3 started days', '2. 8.00 GBP × 3 = 24.00 GBP'],
    ]);
    expect(lines[1]?.reasons.at(-1)).toEqual({
      code: 'arithmetic',
      args: { step: 2, a: '8.00 GBP', b: '3', result: '24.00 GBP' },
    });
    for (const line of lines) expect(line.explanation.length).toBe(line.reasons.length);
  });
});

describe('payout', () => {
  it('rounds once, to whole units of what is paid', () => {
    const half = (rounding: string) =>
      terms(
        "  - { id: a, kind: refund, amount: 'percent(base.fare, 50)' }",
        `payoutUnit: "1.00"\nrounding: ${rounding}`,
      );
    const paid = (amountMinor: number, rounding = 'half-up') =>
      brief(judged(half(rounding), breach(1, fare(amountMinor))));
    expect([paid(101_000), paid(101_100), paid(101_099), paid(101_100, 'down'), paid(101_001, 'up')]).toEqual([
      'compensated 50500',
      'compensated 50600',
      'compensated 50500',
      'compensated 50500',
      'compensated 50600',
    ]);
  });

  it('never pays more than the cap, is exact, and grows with the lateness', () => {
    const guarantee = terms(`  - id: a
    kind: refund
    amount: base.fare / 7 * perStarted(lateness, PT24H)
    times: facts.n
    maximum: base.fare * 3`);
    const amount = (latenessMs: number, fareMinor: number, n: number): number =>
      judged(guarantee, breach(latenessMs, { ...fare(fareMinor), facts: { n } })).lines[0]?.amountMinor ?? 0;
    const inputs = [
      fc.integer({ min: 1, max: 90 * DAY }),
      fc.integer({ min: 1, max: 10_000_000 }),
      fc.integer({ min: 1, max: 9 }),
    ] as const;
    fc.assert(
      fc.property(...inputs, fc.integer({ min: 0, max: 30 * DAY }), (latenessMs, fareMinor, n, more) => {
        const days = BigInt(Math.ceil(latenessMs / DAY));
        // Half-up of the exact fraction, by hand.
        const exact = (2n * BigInt(fareMinor) * days * BigInt(n) + 7n) / 14n;
        const cap = BigInt(fareMinor) * 3n;
        const paid = amount(latenessMs, fareMinor, n);
        expect(BigInt(paid)).toBe(exact > cap ? cap : exact);
        expect(amount(latenessMs + more, fareMinor, n)).toBeGreaterThanOrEqual(paid);
      }),
      { numRuns: 2_000 },
    );
  });
});
