import { hasReadFirst } from './read-first.js';
import type { OwnedShard, ShardLogOptions } from './shard-owner.js';

/** Shard 0 of a service that reads `money` first; the topic reaches to 5 in shard 0, to 9 in shard 1, to 0 in shard 2. */
function put(isRestored: boolean) {
  const reached = new Map<number, number>();
  const happened: string[] = [];
  const options = {
    reader: {
      offsetsOf: async () => [5, 9, 0].map((high, partition) => ({ partition, low: 0, high })),
    },
    processor: { readsFirst: 'money' },
    clock: { nowMs: () => 0, sleep: async () => void happened.push('waits') },
    log: { warn: (_: object, message: string) => void happened.push(message), error: () => undefined },
  } as unknown as ShardLogOptions;
  const query = async () => [...reached].map(([shard, nextOffset]) => ({ shard, nextOffset }));
  const shard = { shard: 0, database: { query }, isRestored, unread: null } as unknown as OwnedShard;
  return { reached, happened, may: (topic: string) => hasReadFirst(options, shard, topic) };
}

describe('the topic that is read first after a restore', () => {
  it('is read at once, and all others once every shard has read it as far as it reached', async () => {
    const { reached, happened, may } = put(true);
    expect(await may('promises')).toBe(false);
    expect(await may('money')).toBe(true);
    reached.set(0, 5);
    reached.set(1, 8);
    expect(await may('promises')).toBe(false);
    reached.set(1, 9);
    expect(await may('promises')).toBe(true);
    reached.clear(); // whatever comes after that is read side by side again
    expect(await may('promises')).toBe(true);
    expect(happened).toEqual(['put back: money is read first', 'waits', 'waits']);
  });

  it('is waited for by nobody whose database knows all that was told', async () => {
    const { happened, may } = put(false);
    expect(await may('promises')).toBe(true);
    expect(happened).toEqual([]);
  });
});
