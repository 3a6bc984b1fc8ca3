import { fitMbg, isEnoughToFit, type BuyTillYouDieParameters, type WeightedHistory } from '#libs/loyalty-model';
import { formatInstant } from '#libs/kernel';
import type { Sql } from '#libs/persistence';
import { LAST_FIT, PURCHASE_HISTORIES, SAVE_FIT } from '../sql/reports.js';

const DAYS_PER_WEEK = 7;
const DAY_MS = 86_400_000;

export interface StoredFit {
  readonly day: number;
  readonly customers: number;
  readonly repeaters: number;
  readonly parameters: BuyTillYouDieParameters;
}

/**
 * A night of the log's time (`day` since 1970): how this tenant's customers buy and leave (MBG/NBD). Kept and shown, and in force
 * once the log says so (rules-in-force/, docs/adr): scores stay a function of the log and the rules.
 * @returns the fit; null with too few customers or repeat buyers, or where the night was fitted before
 */
export async function fitNightly(day: number, tx: Sql): Promise<BuyTillYouDieParameters | null> {
  const [last] = await tx.query<StoredFit>(LAST_FIT, []);
  if (last && last.day >= day) return null;
  const rows = await tx.query<WeightedHistory>(PURCHASE_HISTORIES, [day]);
  const histories = rows.map(({ repeats, recency, age, customers }) => ({
    repeats,
    recency: recency / DAYS_PER_WEEK,
    age: age / DAYS_PER_WEEK,
    customers,
  }));
  if (!isEnoughToFit(histories)) return null;
  const count = (some: readonly WeightedHistory[]): number => some.reduce((sum, { customers }) => sum + customers, 0);
  const repeaters = count(histories.filter(({ repeats }) => repeats > 0));
  const { parameters } = fitMbg(histories, last?.parameters);
  await tx.query(SAVE_FIT, [day, count(histories), repeaters, JSON.stringify(parameters)]);
  return parameters;
}

/** The ruleset of a night's fit, such as `2026-01.fit-2026-03-01`. */
export function nameOfFit(ruleset: string, day: number): string {
  return `${ruleset}.fit-${formatInstant(day * DAY_MS).slice(0, 10)}`;
}
