import { ProblemError, type Clock } from '#libs/kernel';
import type { Sql } from '#libs/persistence';
import { BEING_MOVED } from './directory.js';
import type { NamedDatabase, ShardDatabases } from './shard-databases.js';

/** A move copies about 10,000 rows a second: seldom enough to cost nothing, often enough not to be what is waited for. */
const LOOK_EVERY_MS = 100;
const LOOKS_MAX = 100;

/**
 * The database that a shard may be claimed in. While the shard is being moved it waits, so that its next owner begins when it
 * has arrived, and not when a retry comes round.
 * @param heartbeat called at each look; throws when the group has gone on without us
 * @throws ProblemError, retryable: it cannot be told now, or the move takes longer
 */
export async function claimable(
  { databases, clock }: { readonly databases: ShardDatabases; readonly clock: Clock },
  shard: number,
  heartbeat: () => Promise<void>,
): Promise<NamedDatabase> {
  for (let looks = 1; ; looks++) {
    try {
      return await databases.toClaim(shard);
    } catch (error) {
      const isMoving = error instanceof ProblemError && error.problem.code === BEING_MOVED;
      if (!isMoving || looks === LOOKS_MAX) throw error;
    }
    await clock.sleep(LOOK_EVERY_MS);
    await heartbeat();
  }
}

/** Whether an owner was refused since its shard was taken to another database, and not by another owner. */
export async function hasLeft(sql: Sql, shard: number): Promise<boolean> {
  return (await sql.query(`select 1 from shard where shard = $1 and moved_to is not null`, [shard])).length > 0;
}
