import type { Budget, Guarantee } from '#libs/guarantees';
import type { InstantMs } from '#libs/kernel';
import type { Sql } from '#libs/persistence';
import { periodOf } from './budget-period.js';
import { ADD_TO_BUDGETS, LOCK_BUDGETS, OPEN_BUDGETS } from './sql.js';

/** One purse: a guarantee's, or one customer's of it, in one period. */
export interface Purse {
  readonly guarantee: string;
  readonly period: string;
  /** '': all customers together. */
  readonly customer: string;
  readonly currency: string;
  readonly limitMinor: number;
  readonly reason: 'budget' | 'budget-per-customer';
}

/** The purses that a line of the guarantee is taken from, by the time of its issue. */
export function pursesOf({ name, holding, timeZone }: Guarantee, customer: string, issuedAtMs: InstantMs): Purse[] {
  const purse = (budget: Budget, owner: string, reason: Purse['reason']): Purse => ({
    guarantee: name,
    period: periodOf(budget.per, timeZone, issuedAtMs),
    customer: owner,
    currency: budget.amount.currency,
    limitMinor: budget.amount.amountMinor,
    reason,
  });
  return [
    ...(holding.budget ? [purse(holding.budget, '', 'budget')] : []),
    ...(holding.budgetPerCustomer ? [purse(holding.budgetPerCustomer, customer, 'budget-per-customer')] : []),
  ];
}

/** What was asked for so far, behind locks; what this transaction adds is written at its end. */
export class Budgets {
  private readonly used = new Map<string, number>();
  private readonly added = new Map<string, { readonly purse: Purse; minor: number }>();

  static async open(purses: readonly Purse[], tx: Sql): Promise<Budgets> {
    const budgets = new Budgets();
    if (purses.length === 0) return budgets;
    const columns = columnsOf([...new Map(purses.map((purse) => [keyOf(purse), purse])).values()]);
    await tx.query(OPEN_BUDGETS, columns);
    const rows = await tx.query<Purse & { usedMinor: number }>(LOCK_BUDGETS, columns);
    for (const row of rows) budgets.used.set(keyOf(row), row.usedMinor);
    return budgets;
  }

  /** True when the amount fits beside what was asked for before. */
  hasRoom(purse: Purse, amountMinor: number): boolean {
    return (this.used.get(keyOf(purse)) ?? 0) + amountMinor <= purse.limitMinor;
  }

  /** @param amountMinor below zero: given back. */
  add(purse: Purse, amountMinor: number): void {
    const key = keyOf(purse);
    this.used.set(key, (this.used.get(key) ?? 0) + amountMinor);
    const added = this.added.get(key);
    if (added) added.minor += amountMinor;
    else this.added.set(key, { purse, minor: amountMinor });
  }

  async save(tx: Sql): Promise<void> {
    const rows = [...this.added.values()].filter(({ minor }) => minor !== 0);
    if (rows.length === 0) return;
    rows.sort((a, b) => (keyOf(a.purse) < keyOf(b.purse) ? -1 : 1));
    await tx.query(ADD_TO_BUDGETS, [...columnsOf(rows.map(({ purse }) => purse)), rows.map(({ minor }) => minor)]);
  }
}

function columnsOf(purses: readonly Purse[]): string[][] {
  return [
    purses.map(({ guarantee }) => guarantee),
    purses.map(({ period }) => period),
    purses.map(({ customer }) => customer),
    purses.map(({ currency }) => currency),
  ];
}

function keyOf({ guarantee, period, customer, currency }: Omit<Purse, 'limitMinor' | 'reason'>): string {
  return JSON.stringify([guarantee, period, customer, currency]);
}
