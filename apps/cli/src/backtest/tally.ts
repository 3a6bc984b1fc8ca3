import type { ReasonCode } from '#libs/remedy-engine';
import type { CompensationTotal, PromiseCounts } from '../replay/report.js';
import type { PastPromise } from './judge-history.js';

/** Verdicts as the replay's report counts them; nobody has announced anything that could be retracted. */
type VerdictCounts = Omit<PromiseCounts, 'retracted'>;
/** Lines of one kind in one currency. Points have XPT, words none. */
type CostTotal = Omit<CompensationTotal, 'guarantee'>;

export interface MonthTotal {
  /** UTC, of the opening: YYYY-MM. */
  readonly month: string;
  opened: number;
  breached: number;
  /** Minor units by currency; money only. */
  readonly amountMinor: Record<string, number>;
}

export interface Tally {
  readonly promises: VerdictCounts;
  readonly compensations: readonly CostTotal[];
  /** Why breaches cost what they cost, or nothing. */
  readonly reasons: Readonly<Partial<Record<ReasonCode, number>>>;
  readonly months: readonly MonthTotal[];
}

/** Adds up what a history would have cost; a line that a group has once is counted once. */
export function tally(past: readonly PastPromise[]): Tally {
  const promises = { opened: 0, kept: 0, breached: 0, completedLate: 0, excused: 0, cancelled: 0, open: 0 };
  const costs = new Map<string, CostTotal>();
  const months = new Map<string, MonthTotal>();
  const reasons: Partial<Record<ReasonCode, number>> = {};
  const groups = new Set<string>();
  for (const { data, owed } of past) {
    countVerdict(promises, data);
    const month = months.get(data.openedAt.slice(0, 7)) ?? newMonth(data.openedAt.slice(0, 7));
    months.set(month.month, month);
    month.opened += 1;
    if (data.verdict !== 'breached') continue;
    month.breached += 1;
    reasons[owed.reasonCode] = (reasons[owed.reasonCode] ?? 0) + 1;
    for (const line of owed.lines) {
      const group = `${data.group ?? ''}\n${line.remedyId}`;
      if (line.isOncePerGroup && data.group !== undefined && groups.has(group)) continue;
      groups.add(group);
      const key = `${line.kind}\n${line.currency ?? ''}`;
      const cost = costs.get(key) ?? { kind: line.kind, currency: line.currency, count: 0, amountMinor: 0 };
      costs.set(key, cost);
      cost.count += 1;
      cost.amountMinor += line.amountMinor;
      if (line.isMoney && line.currency !== null)
        month.amountMinor[line.currency] = (month.amountMinor[line.currency] ?? 0) + line.amountMinor;
    }
  }
  return {
    promises,
    compensations: sortedBy([...costs.values()], ({ kind, currency }) => `${kind} ${currency ?? ''}`),
    reasons,
    months: sortedBy([...months.values()], ({ month }) => month),
  };
}

function countVerdict(counts: VerdictCounts, { verdict, completedAt }: PastPromise['data']): void {
  counts.opened += 1;
  if (verdict === null) counts.open += 1;
  else counts[verdict] += 1;
  if (verdict === 'breached' && completedAt !== undefined) counts.completedLate += 1;
}

const newMonth = (month: string): MonthTotal => ({ month, opened: 0, breached: 0, amountMinor: {} });

function sortedBy<T>(items: T[], keyOf: (item: T) => string): T[] {
  return items.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}
