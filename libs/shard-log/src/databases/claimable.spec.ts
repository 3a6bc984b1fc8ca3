import { ProblemError } from '#libs/kernel';
import { claimable } from './claimable.js';
import { beingMoved, notNow } from './directory.js';
import type { ShardDatabases } from './shard-databases.js';

/** A shard that cannot be claimed for so many looks, for this reason. */
function waitedFor(looks: number, reason: ProblemError) {
  let asked = 0;
  const seen = { sleptMs: 0, heartbeats: 0 };
  const databases = {
    toClaim: async () => {
      if (asked++ < looks) throw reason;
      return { name: 'north' };
    },
  } as unknown as ShardDatabases;
  const clock = { nowMs: () => seen.sleptMs, sleep: async (ms: number) => void (seen.sleptMs += ms) };
  const heartbeat = async (): Promise<void> => void (seen.heartbeats += 1);
  return { seen, claim: (beat = heartbeat) => claimable({ databases, clock }, 1, beat) };
}

describe('a claim of a shard that is being moved', () => {
  it('waits until the shard has arrived, and says meanwhile that it lives', async () => {
    const { claim, seen } = waitedFor(30, beingMoved(1, 'main'));
    expect((await claim()).name).toBe('north');
    expect(seen).toEqual({ sleptMs: 3_000, heartbeats: 30 });
  });

  it('gives way to the group', async () => {
    const { claim } = waitedFor(30, beingMoved(1, 'main'));
    await expect(claim(() => Promise.reject(new Error('rebalanced')))).rejects.toThrow('rebalanced');
  });

  it('does not wait for ever, and for nothing else', async () => {
    const long = waitedFor(1_000, beingMoved(1, 'main'));
    await expect(long.claim()).rejects.toThrow('SHARD_BEING_MOVED');
    expect(long.seen.sleptMs).toBeLessThanOrEqual(10_000);
    const away = waitedFor(1_000, notNow('SHARD_OUT_OF_REACH', 'north does not answer', ''));
    await expect(away.claim()).rejects.toThrow('SHARD_OUT_OF_REACH');
    expect(away.seen.sleptMs).toBe(0);
  });
});
