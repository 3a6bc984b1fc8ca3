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

/** What the model would have said at a cutoff (default: a horizon ago), against what customers did within the horizon. */
export async function backtestCustomers(
  database: Database,
  settings: ModelSettings,
  horizonDays: number,
  fromDay: number | null,
): Promise<CustomersBacktest> {
  const cutoffDay = fromDay ?? daysFromMs(await latestMs(database)) - horizonDays;
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
          stayed: orders.some((at) => at > cutoffDay && at <= cutoffDay + horizonDays),
        });
    },
    CUSTOMERS_MAX,
  );
  return { horizonDays, cutoffDay, withoutOrders, ...backtest(rows, settings.rules) };
}
