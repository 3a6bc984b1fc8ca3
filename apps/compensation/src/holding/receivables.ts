import type { Sql } from '#libs/persistence';
import type { Transfer } from '../entitlement/draft.js';
import { ADD_TO_RECEIVABLES, LOCK_RECEIVABLES } from './sql.js';

/** What beneficiaries owe us and has not been set off yet. */
export class Receivables {
  private readonly open = new Map<string, number>();
  private readonly added = new Map<string, { beneficiary: string; currency: string; minor: number }>();

  static async open(beneficiaries: readonly string[], tx: Sql): Promise<Receivables> {
    const receivables = new Receivables();
    if (beneficiaries.length === 0) return receivables;
    const rows = await tx.query<{ beneficiary: string; currency: string; openMinor: number }>(LOCK_RECEIVABLES, [
      [...new Set(beneficiaries)],
    ]);
    for (const { beneficiary, currency, openMinor } of rows)
      receivables.open.set(keyOf(beneficiary, currency), openMinor);
    return receivables;
  }

  openOf(beneficiary: string, currency: string): number {
    return Math.max(0, this.open.get(keyOf(beneficiary, currency)) ?? 0);
  }

  take({ reason, beneficiary, currency, amountMinor }: Transfer): void {
    if (reason !== 'receivable' && reason !== 'offset' && reason !== 'unreceivable') return;
    const minor = reason === 'receivable' ? amountMinor : -amountMinor;
    const key = keyOf(beneficiary, currency);
    this.open.set(key, (this.open.get(key) ?? 0) + minor);
    const added = this.added.get(key);
    if (added) added.minor += minor;
    else this.added.set(key, { beneficiary, currency, minor });
  }

  async save(tx: Sql): Promise<void> {
    const rows = [...this.added.values()].filter(({ minor }) => minor !== 0);
    if (rows.length === 0) return;
    rows.sort((a, b) => (keyOf(a.beneficiary, a.currency) < keyOf(b.beneficiary, b.currency) ? -1 : 1));
    await tx.query(ADD_TO_RECEIVABLES, [
      rows.map(({ beneficiary }) => beneficiary),
      rows.map(({ currency }) => currency),
      rows.map(({ minor }) => minor),
    ]);
  }
}

function keyOf(beneficiary: string, currency: string): string {
  return JSON.stringify([beneficiary, currency]);
}
