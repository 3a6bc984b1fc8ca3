import type { Clock } from '#libs/kernel';
import type { Sql } from '#libs/persistence';
import { OLDEST_OF_OUTBOX } from './sql.js';

/** A send takes milliseconds: who has not got one through for so long has died, or waits for the broker as we would. */
const SILENT_MS = 1_000;
const LOOK_EVERY_MS = 20;

/**
 * Waits while the owner before still publishes what it had committed for a shard: the same rows in two hands are told
 * twice. Consumers bear that, and nothing depends on this wait: what is left after it is published by the next owner
 * before anything else.
 * @param heartbeat called at each look; throws when the group has gone on without us
 */
export async function untilOwnerBeforeIsSilent(
  clock: Clock,
  sql: Pick<Sql, 'query'>,
  shard: number,
  heartbeat: () => Promise<void>,
): Promise<void> {
  let before: number | null = null;
  for (let silentUntilMs = 0; ;) {
    const [row] = await sql.query<{ oldest: number | null }>(OLDEST_OF_OUTBOX, [shard]);
    const oldest = row?.oldest ?? null;
    if (oldest === null) return;
    if (oldest !== before) silentUntilMs = clock.nowMs() + SILENT_MS;
    else if (clock.nowMs() >= silentUntilMs) return;
    before = oldest;
    await clock.sleep(LOOK_EVERY_MS);
    await heartbeat();
  }
}
