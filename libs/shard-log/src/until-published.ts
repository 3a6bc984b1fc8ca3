import type { Clock } from '#libs/kernel';
import type { Sql } from '#libs/persistence';
import { OLDEST_OF_OUTBOX } from './sql.js';

const LOOK_EVERY_MS = 20;

/** How long it is waited for at most. */
export interface Patience {
  /** Since the last row was seen to be published. */
  readonly silentMs: number;
  /** In all; none: as long as there is headway. */
  readonly withinMs?: number;
}

/**
 * Waits while the owner of a shard publishes what it has committed: the same rows in two hands are told twice. Consumers bear
 * that, and nothing depends on this wait: what is left after it is published by the next owner before anything else.
 * @param heartbeat called after each look; throws when the group has gone on without us
 */
export async function untilPublished(
  { clock, sql }: { readonly clock: Clock; readonly sql: Pick<Sql, 'query'> },
  shard: number,
  { silentMs, withinMs = Infinity }: Patience,
  heartbeat: () => Promise<void> = async () => undefined,
): Promise<void> {
  let [endMs, silentUntilMs] = [0, 0];
  for (let before: number | null = null; ;) {
    const [row] = await sql.query<{ oldest: number | null }>(OLDEST_OF_OUTBOX, [shard]);
    const oldest = row?.oldest ?? null;
    if (oldest === null) return;
    if (before === null) endMs = clock.nowMs() + withinMs;
    if (oldest !== before) silentUntilMs = clock.nowMs() + silentMs;
    if (clock.nowMs() >= Math.min(endMs, silentUntilMs)) return;
    before = oldest;
    await clock.sleep(LOOK_EVERY_MS);
    await heartbeat();
  }
}
