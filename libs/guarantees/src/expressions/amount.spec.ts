import fc from 'fast-check';
import { Amount, amountFromMajor, amountOf, moneyOnTheWire, ratioOf, roundToMoney, type Rounding } from './amount.js';

const of = (amountMinor: number, currency = 'EUR'): Amount => amountOf({ amountMinor, currency }) as Amount;
const rounded = (numerator: bigint, denominator: bigint, rounding: Rounding): number =>
  roundToMoney(new Amount(numerator, denominator, 'EUR'), rounding).amountMinor;

describe('Amount', () => {
  it.each<[bigint, bigint, number, number, number, number]>([
    // value, then half-up, half-even, up, down
    [5n, 2n, 3, 2, 3, 2],
    [7n, 2n, 4, 4, 4, 3],
    [-5n, 2n, -3, -2, -3, -2],
    [249n, 100n, 2, 2, 3, 2],
    [251n, 100n, 3, 3, 3, 2],
    [4n, 2n, 2, 2, 2, 2],
    [1n, 1_000_000n, 0, 0, 1, 0],
  ])('%s/%s rounds to %s, %s, %s, %s', (n, d, halfUp, halfEven, up, down) => {
    const all = (['half-up', 'half-even', 'up', 'down'] as const).map((rounding) => rounded(n, d, rounding));
    expect(all.map((minor) => minor + 0)).toEqual([halfUp, halfEven, up, down]);
  });

  it('takes decimals at their word: 0.1 is a tenth, 1e-7 is ten to the minus seven', () => {
    expect(ratioOf(0.1)).toEqual({ numerator: 1n, denominator: 10n });
    expect(ratioOf(1e-7)).toEqual({ numerator: 1n, denominator: 10_000_000n });
    expect(ratioOf(1e21)).toEqual({ numerator: 10n ** 21n, denominator: 1n });
    expect(() => ratioOf(Number.NaN)).toThrow('a number was expected');
    expect(roundToMoney(of(1005).times(ratioOf(1.1)), 'half-up').amountMinor).toBe(1106); // 1105.5, floats say 1105.4999…
  });

  it.each([
    [5, 'JPY', 5],
    ['1.25', 'KWD', 1250],
    ['1.2505', 'KWD', 1251],
    ['0.5', 'JPY', 1],
    [10.01, 'EUR', 1001],
    ['3.00 KWD', 'EUR', 3000],
    [7n, 'EUR', 700],
  ])('money(%p) in a guarantee of %s is %d minor units', (value, currency, amountMinor) => {
    expect(roundToMoney(amountFromMajor(value, currency), 'half-up').amountMinor).toBe(amountMinor);
  });

  it('never mixes currencies and never divides by zero', () => {
    expect(() => of(1).plus(of(1, 'JPY'))).toThrow('EUR and JPY cannot be combined');
    expect(() => of(1).compare(of(1, 'JPY'))).toThrow('EUR and JPY cannot be combined');
    expect(() => of(1).dividedBy(ratioOf(0))).toThrow('money cannot be divided by zero');
    expect(() => roundToMoney(of(10 ** 15).times(ratioOf(2)), 'half-up')).toThrow('beyond 10^15');
  });

  it('is exact: any share of an amount is the amount times the numerator over the denominator, rounded half up', () => {
    const minor = fc.integer({ min: 0, max: 10 ** 12 });
    fc.assert(
      fc.property(minor, fc.integer({ min: 0, max: 999 }), fc.integer({ min: 1, max: 997 }), (m, n, d) => {
        const share = roundToMoney(
          of(m)
            .times(ratioOf(BigInt(n)))
            .dividedBy(ratioOf(d)),
          'half-up',
        ).amountMinor;
        const oracle = (2n * BigInt(m) * BigInt(n) + BigInt(d)) / (2n * BigInt(d));
        expect(BigInt(share)).toBe(oracle);
      }),
    );
  });

  it('reads the wire strictly', () => {
    expect(moneyOnTheWire({ amountMinor: '1290', currency: 'BRL' })).toEqual({ amountMinor: 1290, currency: 'BRL' });
    const wrong = [
      { amountMinor: 1.5, currency: 'BRL' },
      { amountMinor: 1, currency: 'brl' },
      { amountMinor: 1 },
      null,
      5,
      'x',
    ];
    expect(wrong.map(moneyOnTheWire)).toEqual(wrong.map(() => null));
  });
});
