import type { InstantMs } from '#libs/kernel';

/** A gap between ticks longer than this means that intake or broker was away. */
export const TICK_GAP_MS = 30_000;
/** So long after a gap shard time stands still, so that sources can send again what they could not. */
export const RESUME_GRACE_MS = 60_000;

/** What a shard knows of time; all of it from ticks in the log. */
export interface ShardClock {
  /** No verdict looks beyond this instant. */
  readonly shardTimeMs: InstantMs;
  /** Append time of the newest tick; null before the first. */
  readonly lastTickMs: InstantMs | null;
  /** Until ticks reach this instant shard time stands still; null when it runs. */
  readonly heldUntilMs: InstantMs | null;
}

export const INITIAL_SHARD_CLOCK: ShardClock = { shardTimeMs: 0, lastTickMs: null, heldUntilMs: null };

/**
 * The clock after one more tick, appended at `atMs` by an intake that ticks every `everyMs`. A tick that is not newer
 * than one already read (a replay fed twice) changes nothing.
 */
export function advanceShardClock(
  clock: ShardClock,
  tick: { readonly atMs: InstantMs; readonly everyMs: number },
): ShardClock {
  const { lastTickMs } = clock;
  if (lastTickMs !== null && tick.atMs <= lastTickMs) return clock;
  const gapMs = lastTickMs === null ? 0 : tick.atMs - lastTickMs;
  const wasAway = gapMs > Math.max(TICK_GAP_MS, 2 * tick.everyMs);
  const heldUntilMs = wasAway ? tick.atMs + RESUME_GRACE_MS : clock.heldUntilMs;
  if (heldUntilMs !== null && tick.atMs < heldUntilMs) {
    return { shardTimeMs: clock.shardTimeMs, lastTickMs: tick.atMs, heldUntilMs };
  }
  return { shardTimeMs: tick.atMs, lastTickMs: tick.atMs, heldUntilMs: null };
}
