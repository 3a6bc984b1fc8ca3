import type { LogReader } from '#libs/messaging';
import type { ShardDatabases } from './databases/shard-databases.js';
import { COUNT_PARKED } from './parked-sql.js';
import { COUNT_OUTBOX, LOAD_OFFSETS } from './sql.js';

/** How far a service is, over all its shards and instances: from its databases and the log's ends. */
export interface Progress {
  /** True when nothing is unread and nothing unpublished. */
  readonly drained: boolean;
  readonly outboxRows: number;
  /** Keys that wait behind a dead letter, and the records that wait with them (the letter's own among them). */
  readonly parked: { readonly keys: number; readonly records: number };
  readonly shards: { readonly shard: number; readonly topics: Record<string, { next: number; end: number }> }[];
}

export async function readProgress(
  databases: ShardDatabases,
  reader: LogReader,
  topics: readonly string[],
): Promise<Progress> {
  const offsets = await databases.ask<{ shard: number; topic: string; nextOffset: number }>(LOAD_OFFSETS);
  const known = new Map(offsets.map(({ shard, topic, nextOffset }) => [`${shard}/${topic}`, nextOffset]));
  const shards = new Map<number, Record<string, { next: number; end: number }>>();
  let unread = 0;
  for (const topic of topics) {
    for (const { partition, high } of await reader.offsetsOf(topic)) {
      const next = known.get(`${partition}/${topic}`) ?? 0;
      unread += Math.max(0, high - next);
      shards.set(partition, { ...shards.get(partition), [topic]: { next, end: high } });
    }
  }
  const sumOf = <Row>(rows: readonly Row[], pick: (row: Row) => number): number =>
    rows.reduce((sum, row) => sum + pick(row), 0);
  const outboxRows = sumOf(await databases.ask<{ rows: number }>(COUNT_OUTBOX), ({ rows }) => rows);
  const parked = await databases.ask<{ keys: number; records: number }>(COUNT_PARKED);
  return {
    drained: unread === 0 && outboxRows === 0,
    outboxRows,
    parked: { keys: sumOf(parked, ({ keys }) => keys), records: sumOf(parked, ({ records }) => records) },
    shards: [...shards].map(([shard, byTopic]) => ({ shard, topics: byTopic })).sort((a, b) => a.shard - b.shard),
  };
}
