import { untilPublished, type Patience } from './until-published.js';

/** @param oldest of the outbox at each look; the last one stays */
async function wait(
  oldest: readonly (number | null)[],
  heartbeat: () => Promise<void> = async () => undefined,
  patience: Patience = { silentMs: 1_000 },
) {
  let [nowMs, looks] = [0, 0];
  const clock = { nowMs: () => nowMs, sleep: async (ms: number) => void (nowMs += ms) };
  const query = async () => [{ oldest: oldest[Math.min(looks++, oldest.length - 1)] }] as never;
  await untilPublished({ clock, sql: { query } }, 3, patience, heartbeat);
  return { nowMs, looks };
}

describe('a shard whose owner before may still be publishing', () => {
  it('waits for nothing where nothing waits to be published', async () => {
    expect(await wait([null])).toEqual({ nowMs: 0, looks: 1 });
  });

  it('goes on as soon as the last row is gone', async () => {
    expect(await wait([7, 7, 9, null])).toEqual({ nowMs: 60, looks: 4 });
  });

  it('leaves the rows to nobody who has published none for a second', async () => {
    expect((await wait([7])).nowMs).toBe(1_000);
    expect((await wait([7, 7, 7, 7, 7, 9])).nowMs).toBe(100 + 1_000);
  });

  it('waits no longer than is said in all, headway or not', async () => {
    const ever = Array.from({ length: 200 }, (_, i) => i);
    expect((await wait(ever, undefined, { silentMs: 1_000, withinMs: 2_000 })).nowMs).toBe(2_000);
  });

  it('stops waiting when the group has gone on without us', async () => {
    await expect(wait([7], () => Promise.reject(new Error('rebalancing')))).rejects.toThrow('rebalancing');
  });
});
