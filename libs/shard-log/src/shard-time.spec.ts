import { advanceShardClock, INITIAL_SHARD_CLOCK, type ShardClock } from './shard-time.js';

const T = 1_000_000_000_000;
const ticks = (start: ShardClock, everyMs: number, ...offsets: number[]): ShardClock =>
  offsets.reduce((clock, offsetMs) => advanceShardClock(clock, { atMs: T + offsetMs, everyMs }), start);

describe('shard time', () => {
  it('is the newest tick; the first tick of a log is no gap', () => {
    expect(ticks(INITIAL_SHARD_CLOCK, 250, 0, 250).shardTimeMs).toBe(T + 250);
  });

  it('never goes back: a tick read again, or an older one, changes nothing', () => {
    const clock = ticks(INITIAL_SHARD_CLOCK, 250, 0, 250);
    expect(ticks(clock, 250, 250, 0, -10_000)).toBe(clock);
  });

  it('goes on over a gap of exactly 30 s and stands still after one millisecond more', () => {
    const before = ticks(INITIAL_SHARD_CLOCK, 250, 0);
    expect(ticks(before, 250, 30_000).shardTimeMs).toBe(T + 30_000);
    expect(ticks(before, 250, 30_001)).toEqual({ shardTimeMs: T, lastTickMs: T + 30_001, heldUntilMs: T + 90_001 });
  });

  it('moves again with the first tick 60 s after the gap', () => {
    const held = ticks(INITIAL_SHARD_CLOCK, 250, 0, 40_000);
    const almost = ticks(held, 250, 60_000, 80_000, 99_999);
    expect(almost.shardTimeMs).toBe(T);
    expect(ticks(almost, 250, 100_000)).toEqual({
      shardTimeMs: T + 100_000,
      lastTickMs: T + 100_000,
      heldUntilMs: null,
    });
  });

  it('a second gap while it stands still starts the grace anew', () => {
    const held = ticks(INITIAL_SHARD_CLOCK, 250, 0, 40_000, 80_000);
    expect(held.heldUntilMs).toBe(T + 140_000);
  });

  it('measures the gap by the pace that the tick names: replays tick each hour', () => {
    const hour = 3_600_000;
    expect(ticks(INITIAL_SHARD_CLOCK, hour, 0, hour, 3 * hour).shardTimeMs).toBe(T + 3 * hour);
    expect(ticks(INITIAL_SHARD_CLOCK, hour, 0, 2 * hour + 1).shardTimeMs).toBe(T);
  });
});
