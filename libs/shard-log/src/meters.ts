import { counter, gauge, histogram } from '#libs/observability';

/** Every service of the shard log is seen by these; what they mean to an operator: docs/operations.md. */
export const batchRecords = histogram(
  'makegood_batch_records',
  'Records applied in one transaction',
  [1, 10, 50, 100, 250, 500, 1_000, 2_000, 4_000],
);
export const batchSeconds = histogram(
  'makegood_batch_seconds',
  'From the start of a transaction to its commit',
  [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
);
export const fenceRejections = counter(
  'makegood_fence_rejections_total',
  'Transactions refused because the shard has another owner by now: a few after a rebalance, more is a quarrel',
);
export const batchRetries = counter('makegood_batch_retries_total', 'Batches that go again, whatever the reason');
export const deadLetters = counter('makegood_dead_letters_total', 'Records set aside, by reason', ['reason']);
export const parkedKeys = gauge(
  'makegood_parked_keys',
  'Keys whose later records wait behind a dead letter that nobody has decided',
);
export const parkedRecords = gauge('makegood_parked_records', 'Records that wait behind a dead letter of their key');
export const shardsOwned = gauge('makegood_shards_owned', 'Shards that this instance has claimed');
export const outboxAge = gauge(
  'makegood_outbox_age_seconds',
  'How long the oldest committed event in hand has been waiting for the broker; 0: none waits',
);
export const publishSeconds = histogram(
  'makegood_publish_seconds',
  'From the sending of events to the acknowledgement by all in-sync replicas',
  [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
);
export const lagRecords = gauge('makegood_lag_records', 'Records in the log that no transaction has applied yet', [
  'topic',
]);
export const outboxRows = gauge('makegood_outbox_rows', 'Rows of events committed and not yet acknowledged');
