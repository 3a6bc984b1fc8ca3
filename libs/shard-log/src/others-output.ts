import type { Database, Sql } from '#libs/persistence';
import { learnOutput, type OutputRange } from './learn-output.js';
import type { OwnedShard, ShardLogOptions } from './shard-owner.js';
import { LEARN_FOR, LOAD_OUTPUTS } from './sql.js';

const LOOK_EVERY_MS = 250;
/** Others learn for themselves when they claim their shards, within a second or two. */
const LOOKS_MAX = 20;

/**
 * Whether the database knows all that any shard had told when this one was claimed. Where several shards write to one
 * thing, a database put back must not let one of them decide about it before the other's word of before is known: it
 * would be told again under the same ids with another content. Usually true at once; false after a while of waiting.
 * Who does not learn (nobody owns it, or it stands still) is learned for: what was told stays told, so it does not
 * matter who writes it down, nor whether it is done twice.
 */
export async function knowsOthersOutput(
  options: ShardLogOptions,
  shard: OwnedShard,
  heartbeat: () => Promise<void>,
): Promise<boolean> {
  const { unlearned } = shard;
  if (unlearned.size === 0) return true;
  const known = await outputsOf(shard.database, [...unlearned.keys()]);
  for (const [other, end] of unlearned) if ((known.get(other) ?? 0) >= end) unlearned.delete(other);
  if (unlearned.size === 0) return true;
  shard.isRestored = true;
  shard.looks += 1;
  if (shard.looks < LOOKS_MAX) {
    await options.clock.sleep(LOOK_EVERY_MS);
    return false;
  }
  for (const [other, end] of unlearned) {
    await learnFor(
      options,
      { shard: other, database: shard.database },
      { from: known.get(other) ?? 0, to: end },
      heartbeat,
    );
    unlearned.delete(other);
  }
  return true;
}

async function outputsOf(database: Database, shards: readonly number[]): Promise<Map<number, number>> {
  const rows = await database.query<{ shard: number; outputOffset: number }>(LOAD_OUTPUTS, [shards]);
  return new Map(rows.map(({ shard, outputOffset }) => [shard, outputOffset]));
}

async function learnFor(
  options: ShardLogOptions,
  { shard, database }: Pick<OwnedShard, 'shard' | 'database'>,
  range: OutputRange,
  heartbeat: () => Promise<void>,
): Promise<void> {
  const { from: knownOffset, to: end } = range;
  options.log.warn({ shard, knownOffset, end }, 'output of a shard that does not learn it: adopting it in its place');
  const knowUpTo = async (offset: number, tx: Sql): Promise<void> => void (await tx.query(LEARN_FOR, [shard, offset]));
  await learnOutput(options, { shard, database, nextOffsets: new Map() }, range, knowUpTo, heartbeat);
}
