import type { OwnedShard, ShardLogOptions } from './shard-owner.js';
import { LOAD_OFFSETS_OF } from './sql.js';

const LOOK_EVERY_MS = 250;

/**
 * Whether a shard may read this topic now. Topics are read side by side, and what was decided on one may have known what
 * stands on another. A database put back knows the decisions, as it learns them from the service's own output, and not what
 * they knew: read again without it, they would come out otherwise, and money would be asked for a second time. So the
 * topic that the processor names goes first, in all shards, as far as it reaches now. Where a shard of it stands still, the others
 * wait: somebody has to accept that anyway.
 */
export async function hasReadFirst(options: ShardLogOptions, shard: OwnedShard, topic: string): Promise<boolean> {
  const { readsFirst } = options.processor;
  if (!shard.isRestored || readsFirst === undefined || topic === readsFirst) return true;
  if (shard.unread === null) {
    const ends = await options.reader.offsetsOf(readsFirst);
    shard.unread = new Map(ends.map(({ partition, high }) => [partition, high]));
    options.log.warn({ shard: shard.shard }, `put back: ${readsFirst} is read first`);
  }
  const { unread } = shard;
  const rows = await shard.database.query<{ shard: number; nextOffset: number }>(LOAD_OFFSETS_OF, [readsFirst]);
  const reached = new Map(rows.map((row) => [row.shard, row.nextOffset]));
  for (const [other, end] of unread) if ((reached.get(other) ?? 0) >= end) unread.delete(other);
  if (unread.size === 0) {
    shard.isRestored = false;
    return true;
  }
  await options.clock.sleep(LOOK_EVERY_MS);
  return false;
}
