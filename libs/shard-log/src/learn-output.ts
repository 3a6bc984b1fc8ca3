import type { Database, Sql } from '#libs/persistence';
import type { ClaimedShard } from './processor.js';
import type { ShardLogOptions } from './shard-owner.js';

/** A stretch of a shard's own output: offsets from the first up to before the second. */
export interface OutputRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Adopts what a shard has told into a database that has forgotten it, bit by bit, each with the mark of how far the
 * database knows that output in the same transaction.
 *
 * @param knowUpTo writes the mark down; throws where it may not
 */
export async function learnOutput(
  { outputTopic, reader, processor }: ShardLogOptions,
  { database, ...claimed }: ClaimedShard & { readonly database: Database },
  { from, to }: OutputRange,
  knowUpTo: (offset: number, tx: Sql) => Promise<void>,
  heartbeat: () => Promise<void>,
): Promise<void> {
  if (outputTopic === null) return;
  const { shard } = claimed;
  await reader.readRange({ topic: outputTopic, partition: shard, from, to }, async (records) => {
    await database.transaction(async (tx) => {
      await knowUpTo((records.at(-1)?.offset ?? from - 1) + 1, tx);
      await processor.adopt?.(claimed, records, tx);
    });
    await heartbeat();
  });
  await knowUpTo(to, database); // its last offsets may hold no record
}
