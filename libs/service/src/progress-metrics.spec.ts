import type { LogReader } from '#libs/messaging';
import { metricsRegistry } from '#libs/observability';
import type { Database } from '#libs/persistence';
import { ShardDatabases, type OutboxRelay } from '#libs/shard-log';
import { ProgressMetrics } from './progress-metrics.js';

it('shows what is unread by topic and what waits for the broker, and asks no more often than every five seconds', async () => {
  let [nowMs, asked] = [0, 0];
  const query = async (text: string): Promise<unknown[]> => {
    asked += 1;
    if (text.includes('parked_record')) return [{ keys: 1, records: 3 }];
    return text.includes('count(*)') ? [{ rows: 2 }] : [{ shard: 0, topic: 'in', nextOffset: 70 }];
  };
  const reader = {
    offsetsOf: async () => [
      { partition: 0, low: 0, high: 100 },
      { partition: 1, low: 0, high: 5 },
    ],
  } as unknown as LogReader;
  const relay = { waitingMs: () => 1_500 } as unknown as OutboxRelay;
  const clock = { nowMs: () => nowMs, sleep: async () => undefined };
  const metrics = new ProgressMetrics(new ShardDatabases({ query } as unknown as Database), reader, [relay], clock, [
    'in',
  ]);
  const shown = async (name: string): Promise<unknown> =>
    (await metricsRegistry.getSingleMetric(name)?.get())?.values.map(({ value }) => value);

  await metrics.sample();
  expect(await shown('makegood_lag_records')).toEqual([35]);
  expect(await shown('makegood_outbox_rows')).toEqual([2]);
  expect(await shown('makegood_parked_keys')).toEqual([1]);
  expect(await shown('makegood_parked_records')).toEqual([3]);
  expect(await shown('makegood_outbox_age_seconds')).toEqual([1.5]);
  const once = asked;
  nowMs = 4_999;
  await metrics.sample();
  expect(asked).toBe(once);
  nowMs = 5_000;
  await metrics.sample();
  expect(asked).toBe(2 * once);
});
