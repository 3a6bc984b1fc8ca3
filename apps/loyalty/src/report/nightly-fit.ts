import { fitMbg, isEnoughToFit, type BuyTillYouDieParameters, type WeightedHistory } from '#libs/loyalty-model';
import type { Sql } from '#libs/persistence';
import { LAST_FIT, PURCHASE_HISTORIES, SAVE_FIT } from '../sql/reports.js';

const DAYS_PER_WEEK = 7;

export interface StoredFit {
  readonly day: number;
  readonly customers: number;
  readonly repeaters: number;
  readonly parameters: BuyTillYouDieParameters;
}

/**
 * A night of the log's time (`day` since 1970): how this tenant's customers buy and leave (MBG/NBD). Kept and shown, and applied when
 * someone writes it into signals.yaml under a name of its own (docs/adr): scores stay a function of the log and the rules.
 * Nothing with too few customers or repeat buyers.
 */
export async function fitNightly(day: number, tx: Sql): Promise<void> {
  const [last] = await tx.query<StoredFit>(LAST_FIT, []);
  if (last && last.day >= day) return;
  const rows = await tx.query<WeightedHistory>(PURCHASE_HISTORIES, [day]);
  const histories = rows.map(({ repeats, recency, age, customers }) => ({
    repeats,
    recency: recency / DAYS_PER_WEEK,
    age: age / DAYS_PER_WEEK,
    customers,
  }));
  if (!isEnoughToFit(histories)) return;
  const count = (some: readonly WeightedHistory[]): number => some.reduce((sum, { customers }) => sum + customers, 0);
  const repeaters = count(histories.filter(({ repeats }) => repeats > 0));
  const { parameters } = fitMbg(histories, last?.parameters);
  await tx.query(SAVE_FIT, [day, count(histories), repeaters, JSON.stringify(parameters)]);
}
