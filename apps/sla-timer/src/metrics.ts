import { counter, gauge, histogram } from '#libs/observability';
import type { Turn } from './promise-log/turn.js';

const announced = counter('makegood_promise_events_total', 'Promise events decided, by kind', ['kind']);
const facts = counter('makegood_facts_total', 'Facts and subjects that came to nothing, by what became of them', [
  'what',
]);
const firingLateness = histogram(
  'makegood_firing_lateness_seconds',
  'Time of the log at which a deadline was acted on, less the deadline: ticks, and outages, make it',
  [0.25, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 900, 3_600],
);
const shardTime = gauge(
  'makegood_shard_time_seconds',
  'How far the log says time has come, by shard, in seconds since 1970; less than time() by what it lags',
  ['shard'],
);

/** Counts what a transaction has done, once it is committed. */
export function measure({ shard, clock, announced: told, counts, latenessesMs }: Turn): void {
  const kinds = new Map<string, number>();
  for (const { kind } of told) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  for (const [kind, times] of kinds) announced.inc({ kind }, times);
  for (const [what, times] of counts) facts.inc({ what }, times);
  for (const latenessMs of latenessesMs) firingLateness.observe(latenessMs / 1_000);
  if (clock.lastTickMs !== null) shardTime.set({ shard: String(shard) }, clock.shardTimeMs / 1_000);
}
