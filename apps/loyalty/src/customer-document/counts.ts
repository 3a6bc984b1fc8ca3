import type { Money } from '#libs/kernel';
import type { Counts, CustomerDocument, KnownPromise } from './document.js';

export const NO_COUNTS: Counts = { kept: 0, missed: 0, excused: 0, cancelled: 0, open: 0, compensationMinor: {} };

/** Promises by verdict and compensation received (asked of finance and not taken back), over the whole history. */
export function countsOf(document: CustomerDocument): Counts {
  return addCounts(document.summary?.counts ?? NO_COUNTS, Object.values(document.promises));
}

export function addCounts(start: Counts, promises: readonly KnownPromise[]): Counts {
  let { kept, missed, excused, cancelled, open } = start;
  const compensationMinor: Record<string, number> = { ...start.compensationMinor };
  for (const { verdict, lines } of promises) {
    if (verdict?.outcome === 'kept') kept += 1;
    else if (verdict?.outcome === 'breached') missed += 1;
    else if (verdict?.outcome === 'excused') excused += 1;
    else if (verdict?.outcome === 'cancelled') cancelled += 1;
    else if (verdict) open += 1;
    for (const { standing, amount } of Object.values(lines)) {
      if (standing && amount)
        compensationMinor[amount.currency] = (compensationMinor[amount.currency] ?? 0) + amount.amountMinor;
    }
  }
  return { kept, missed, excused, cancelled, open, compensationMinor };
}

/** In order of currency: the same customer always reads the same. */
export function compensationOf({ compensationMinor }: Counts): Money[] {
  return Object.entries(compensationMinor)
    .map(([currency, amountMinor]) => ({ amountMinor, currency }))
    .sort((a, b) => (a.currency < b.currency ? -1 : 1));
}
