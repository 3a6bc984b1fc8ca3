import { currencyExponent, isMoney, MAX_AMOUNT_MINOR, type Money } from '#libs/kernel';

/** How a fraction of a minor unit is settled, once, at the end of an expression. */
export type Rounding = 'half-up' | 'half-even' | 'up' | 'down';
export const ROUNDINGS: readonly Rounding[] = ['half-up', 'half-even', 'up', 'down'];

/** A value that an expression cannot work with; the words reach the author of the guarantee, so they hold no data. */
export class ValueError extends Error {}

/** An exact number: `numerator / denominator`, the denominator positive. */
export interface Ratio {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** An exact amount in minor units while an expression computes; it becomes Money, rounded once, at its end. */
export class Amount implements Ratio {
  constructor(
    readonly numerator: bigint,
    readonly denominator: bigint,
    readonly currency: string,
  ) {}

  plus(other: Amount): Amount {
    this.#sameCurrency(other);
    const numerator = this.numerator * other.denominator + other.numerator * this.denominator;
    return new Amount(numerator, this.denominator * other.denominator, this.currency);
  }

  minus(other: Amount): Amount {
    return this.plus(new Amount(-other.numerator, other.denominator, other.currency));
  }

  times(factor: Ratio): Amount {
    return new Amount(this.numerator * factor.numerator, this.denominator * factor.denominator, this.currency);
  }

  dividedBy(divisor: Ratio): Amount {
    if (divisor.numerator === 0n) throw new ValueError('money cannot be divided by zero');
    const sign = divisor.numerator < 0n ? -1n : 1n;
    return this.times({ numerator: divisor.denominator * sign, denominator: divisor.numerator * sign });
  }

  /** Negative, zero or positive. @throws ValueError for another currency: currencies are never mixed. */
  compare(other: Amount): number {
    this.#sameCurrency(other);
    const difference = this.numerator * other.denominator - other.numerator * this.denominator;
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  }

  #sameCurrency(other: Amount): void {
    if (this.currency !== other.currency) {
      throw new ValueError(`${this.currency} and ${other.currency} cannot be combined`);
    }
  }
}

/** Money on the wire, or an Amount already, as an Amount; null for anything else. */
export function amountOf(value: unknown): Amount | null {
  if (value instanceof Amount) return value;
  const money = moneyOnTheWire(value);
  return money === null ? null : new Amount(BigInt(money.amountMinor), 1n, money.currency);
}

/** `{amountMinor, currency}` with nothing else beside it; amountMinor may be a decimal string. */
export function moneyOnTheWire(value: unknown): Money | null {
  if (typeof value !== 'object' || value === null) return null;
  const { amountMinor, currency } = value as Record<string, unknown>;
  const isText = typeof amountMinor === 'string' && /^-?\d{1,16}$/.test(amountMinor);
  const money = { amountMinor: isText ? Number(amountMinor) : amountMinor, currency };
  return isMoney(money) ? { amountMinor: money.amountMinor, currency: money.currency } : null;
}

const DECIMAL = /^([+-]?)(\d{1,30})(?:\.(\d{1,30}))?(?:e([+-]?\d{1,3}))?$/;

/** A CEL int, a double by its shortest decimal form (0.1 is a tenth), or decimal text. */
export function ratioOf(value: unknown): Ratio {
  if (typeof value === 'bigint') return { numerator: value, denominator: 1n };
  const m = typeof value === 'number' || typeof value === 'string' ? DECIMAL.exec(String(value)) : null;
  if (m === null) throw new ValueError('a number was expected');
  const digits = BigInt(`${m[2]}${m[3] ?? ''}`) * (m[1] === '-' ? -1n : 1n);
  const exponent = Number(m[4] ?? 0) - (m[3]?.length ?? 0);
  return exponent >= 0
    ? { numerator: digits * 10n ** BigInt(exponent), denominator: 1n }
    : { numerator: digits, denominator: 10n ** BigInt(-exponent) };
}

/** An amount in major units (`money(5)`, `money("5.00 EUR")`) in the currency it names, else the guarantee's. */
export function amountFromMajor(value: unknown, guaranteeCurrency: string): Amount {
  const already = amountOf(value);
  if (already !== null) return already;
  const named = typeof value === 'string' ? /^(\S+) ([A-Z]{3})$/.exec(value) : null;
  const currency = named?.[2] ?? guaranteeCurrency;
  const major = ratioOf(named?.[1] ?? value);
  return new Amount(major.numerator * 10n ** BigInt(currencyExponent(currency)), major.denominator, currency);
}

/**
 * Rounds once to a whole multiple of so many minor units (1: every minor unit is paid).
 * @throws ValueError beyond 10^15 minor units
 */
export function roundToUnit(amount: Amount, rounding: Rounding, unitMinor: number): Money {
  const units = new Amount(amount.numerator, amount.denominator * BigInt(unitMinor), amount.currency);
  const { amountMinor, currency } = roundToMoney(units, rounding);
  return { amountMinor: amountMinor * unitMinor, currency };
}

/** Rounds once to whole minor units. @throws ValueError beyond 10^15 minor units. */
export function roundToMoney(amount: Amount, rounding: Rounding): Money {
  const amountMinor = Number(roundRatio(amount, rounding));
  if (Math.abs(amountMinor) > MAX_AMOUNT_MINOR) throw new ValueError('the amount is beyond 10^15 minor units');
  return { amountMinor, currency: amount.currency };
}

/** Halves go away from zero (half-up) or to the even neighbour; `up` is away from zero, `down` towards it. */
function roundRatio({ numerator, denominator }: Ratio, rounding: Rounding): bigint {
  const sign = numerator < 0n ? -1n : 1n;
  const magnitude = numerator * sign;
  const whole = magnitude / denominator;
  const rest = magnitude % denominator;
  const twice = rest * 2n;
  const isUp =
    rounding === 'up'
      ? rest > 0n
      : rounding === 'down'
        ? false
        : twice > denominator || (twice === denominator && (rounding === 'half-up' || whole % 2n === 1n));
  return (isUp ? whole + 1n : whole) * sign;
}
