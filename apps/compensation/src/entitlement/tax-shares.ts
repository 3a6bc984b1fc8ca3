import type { TaxShare } from '#libs/contracts';
import type { OwedRemedy } from '#libs/remedy-engine';

/** What a base amounted to and the tax that it carried (part of the amount). */
export interface TaxedBase {
  readonly amountMinor: number;
  readonly shares: readonly TaxShare[];
}

/**
 * The tax within an amount, in proportion to the base that it gives back. Computed in integers: each share is rounded
 * down and what is left over goes to the largest remainders, so that shares and net sum to the amount exactly.
 */
export function taxShares(
  remedy: Pick<OwedRemedy, 'base'>,
  amountMinor: number,
  taxOf: (base: string) => TaxedBase | null,
): readonly TaxShare[] | undefined {
  const base = remedy.base === undefined ? null : taxOf(remedy.base);
  if (base === null || base.amountMinor <= 0 || base.shares.length === 0) return undefined;
  const whole = BigInt(base.amountMinor);
  const netOfBase = base.amountMinor - base.shares.reduce((sum, share) => sum + share.amountMinor, 0);
  const parts = [...base.shares.map((share) => share.amountMinor), netOfBase].map((part, index) => {
    const exact = BigInt(part) * BigInt(amountMinor);
    return { index, floor: Number(exact / whole), rest: exact % whole };
  });
  let left = amountMinor - parts.reduce((sum, { floor }) => sum + floor, 0);
  const amounts = parts.map(({ floor }) => floor);
  const byRest = parts.toSorted((a, b) => (a.rest === b.rest ? a.index - b.index : a.rest > b.rest ? -1 : 1));
  for (const { index } of byRest) {
    if (left-- <= 0) break;
    amounts[index] = (amounts[index] as number) + 1;
  }
  return base.shares.map((share, index) => ({ ...share, amountMinor: amounts[index] as number }));
}
