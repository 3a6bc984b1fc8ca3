import { backtest, daysFromMs, type Backtest, type BacktestRow } from '#libs/loyalty-model';
import type { Database } from '#libs/persistence';
import type { ModelSettings } from '#libs/signals';
import { latestMs, scanCustomers } from './scan-customers.js';

const CUSTOMERS_MAX = 50_000;

export interface CustomersBacktest extends Backtest {
  readonly horizonDays: number;
  /** Predicted as of this day (since 1970), judged by what followed. */
  readonly cutoffDay: number;
  /** Customers left out: no order before the cutoff. */
  readonly withoutOrders: number;
}

/** What the model would have said a horizon ago, against what customers have done since. */
export async function backtestCustomers(
  database: Database,
  settings: ModelSettings,
  horizonDays: number,
): Promise<CustomersBacktest> {
  const cutoffDay = daysFromMs(await latestMs(database)) - horizonDays;
  const rows: BacktestRow[] = [];
  let withoutOrders = 0;
  await scanCustomers(
    database,
    settings,
    ({ trail }) => {
      const orders = trail.events.flatMap((event) => (event.type === 'purchase.made' ? [event.at] : []));
      if (!orders.some((at) => at <= cutoffDay)) withoutOrders += 1;
      else
        rows.push({
          components: trail.standingAt(cutoffDay).components,
          stayed: orders.some((at) => at > cutoffDay),
        });
    },
    CUSTOMERS_MAX,
  );
  return { horizonDays, cutoffDay, withoutOrders, ...backtest(rows, settings.rules) };
}
