import { currencyExponent } from '#libs/kernel';

/** "490" JPY, "4.90" EUR, "1.250" KWD: exact, by the currency's exponent, without the currency. */
export function amountText(amountMinor: number, currency: string): string {
  return decimalText(BigInt(amountMinor), currencyExponent(currency));
}

/** Sum of amounts of whatever currencies, as a file's control sum wants it: exact, from integers. */
export function controlSum(amounts: readonly { readonly amountMinor: number; readonly currency: string }[]): string {
  const digits = Math.max(0, ...amounts.map(({ currency }) => currencyExponent(currency)));
  let sum = 0n;
  for (const { amountMinor, currency } of amounts) {
    sum += BigInt(amountMinor) * 10n ** BigInt(digits - currencyExponent(currency));
  }
  return decimalText(sum, digits);
}

function decimalText(units: bigint, digits: number): string {
  if (digits === 0) return String(units);
  const text = String(units).padStart(digits + 1, '0');
  return `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}
