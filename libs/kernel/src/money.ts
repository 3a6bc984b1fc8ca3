/** An amount in minor units of an ISO 4217 currency (or XPT for points): integers only, never a float. */
export interface Money {
  readonly amountMinor: number;
  readonly currency: string;
}

/** Largest amount on the wire: 10^15 minor units, safely below 2^53. */
export const MAX_AMOUNT_MINOR = 1_000_000_000_000_000;

/** Loyalty points travel in the ledger as a currency of their own, without decimals. */
export const POINTS_CURRENCY = 'XPT';

const EXPONENTS: Readonly<Record<string, number>> = {
  BIF: 0,
  CLP: 0,
  DJF: 0,
  GNF: 0,
  ISK: 0,
  JPY: 0,
  KMF: 0,
  KRW: 0,
  PYG: 0,
  RWF: 0,
  UGX: 0,
  UYI: 0,
  VND: 0,
  VUV: 0,
  XAF: 0,
  XOF: 0,
  XPF: 0,
  XPT: 0,
  BHD: 3,
  IQD: 3,
  JOD: 3,
  KWD: 3,
  LYD: 3,
  OMR: 3,
  TND: 3,
  CLF: 4,
  UYW: 4,
};

/** Decimal digits of a currency's minor unit as in ISO 4217: JPY 0, EUR 2, KWD 3. */
export function currencyExponent(currency: string): number {
  return EXPONENTS[currency] ?? 2;
}

/** "63.34 BRL", "500 JPY", "1.250 KWD": exact, from integers. */
export function formatMoney(money: Money): string {
  const exponent = currencyExponent(money.currency);
  const sign = money.amountMinor < 0 ? '-' : '';
  const digits = String(Math.abs(money.amountMinor)).padStart(exponent + 1, '0');
  const whole = digits.slice(0, digits.length - exponent);
  const amount = exponent === 0 ? whole : `${whole}.${digits.slice(-exponent)}`;
  return `${sign}${amount} ${money.currency}`;
}

/** True for `{amountMinor: integer within ±10^15, currency: three capitals}`. */
export function isMoney(value: unknown): value is Money {
  if (typeof value !== 'object' || value === null) return false;
  const { amountMinor, currency } = value as Record<string, unknown>;
  return (
    typeof amountMinor === 'number' &&
    Number.isSafeInteger(amountMinor) &&
    Math.abs(amountMinor) <= MAX_AMOUNT_MINOR &&
    typeof currency === 'string' &&
    /^[A-Z]{3}$/.test(currency)
  );
}
