import { Duration } from '@marcbachmann/cel-js/evaluator';
import { currencyExponent, describeDuration, formatInstant } from '#libs/kernel';
import { Amount, type Ratio } from './amount.js';
import { ExactNumber } from './exact-number.js';

/** Decimals shown beyond those of the currency, or of a plain number. */
const MORE_DIGITS = 4;

/** A value of an expression in words: "12.50 EUR", "1.7753… GBP", "2 d 3 h", "2.5". */
export function exactText(value: unknown): string {
  if (value instanceof Amount) return amountText(value);
  if (value instanceof ExactNumber) return decimalText(value, 0);
  if (value instanceof Duration) return describeDuration(Math.round(Number(value.valueOf())));
  if (value instanceof Date) return formatInstant(value.getTime());
  return String(value);
}

/** "12.50 EUR"; a fraction of a minor unit is shown, and "…" says that it goes on. */
export function amountText(amount: Amount): string {
  const exponent = currencyExponent(amount.currency);
  const major = { numerator: amount.numerator, denominator: amount.denominator * 10n ** BigInt(exponent) };
  return `${decimalText(major, exponent)} ${amount.currency}`;
}

function decimalText({ numerator, denominator }: Ratio, digitsMin: number): string {
  const sign = numerator < 0n ? '-' : '';
  const magnitude = numerator < 0n ? -numerator : numerator;
  const digits = digitsMin + MORE_DIGITS;
  const scaled = (magnitude * 10n ** BigInt(digits)) / denominator;
  const isCut = (magnitude * 10n ** BigInt(digits)) % denominator !== 0n;
  const text = scaled.toString().padStart(digits + 1, '0');
  const whole = text.slice(0, -digits);
  let fraction = text.slice(-digits);
  while (fraction.length > digitsMin && fraction.endsWith('0') && !isCut) fraction = fraction.slice(0, -1);
  return `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}${isCut ? '…' : ''}`;
}
