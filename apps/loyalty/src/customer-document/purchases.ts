import type { LoyaltyState } from '#libs/loyalty-model';

/** What was bought and not given back; days since 1970. */
export interface PurchaseFigures {
  readonly orders: number;
  readonly days: number;
  readonly firstDay: number | null;
  readonly lastDay: number | null;
  readonly spent: number;
}

export function purchaseFigures({ purchases }: LoyaltyState): PurchaseFigures {
  const valid = purchases.filter(({ refunded }) => !refunded);
  const days = [...new Set(valid.map(({ at }) => Math.floor(at)))].sort((a, b) => a - b);
  return {
    orders: valid.length,
    days: days.length,
    firstDay: days[0] ?? null,
    lastDay: days.at(-1) ?? null,
    spent: valid.reduce((sum, { amount }) => sum + amount, 0),
  };
}
