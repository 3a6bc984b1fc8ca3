import type { LogReader, LogRecord } from '#libs/messaging';
import type { Database } from '#libs/persistence';
import { MAIN, ShardDatabases } from './databases/shard-databases.js';
import type { OutboxRelay } from './outbox-relay.js';
import { claimShard, type ShardLogOptions } from './shard-owner.js';
import { ADOPT_UP_TO, CLAIM_OFFSETS, CLAIM_SHARD } from './sql.js';

const part = (offset: number): LogRecord[] => [
  { topic: 'own', partition: 0, offset, timestampMs: 0, key: null, value: Buffer.alloc(0) },
];

/** A claim whose output topic has two parts that the database does not know; `isHeld`: whether it still owns the shard. */
function claim(isHeld: () => boolean) {
  const happened: string[] = [];
  const query = async (text: string): Promise<unknown[]> => {
    if (text === CLAIM_SHARD) return [{ epoch: 7, outputOffset: 4 }];
    if (text === CLAIM_OFFSETS) return [{ topic: 'in', nextOffset: 3 }];
    return text === ADOPT_UP_TO && isHeld() ? [{ ok: 1 }] : [];
  };
  const database = { query, transaction: (work: (tx: unknown) => unknown) => work({ query }) } as unknown as Database;
  const reader = {
    offsetsOf: async () => [{ partition: 0, low: 0, high: 6 }],
    readRange: async (_: unknown, visit: (records: LogRecord[]) => Promise<void>) => {
      await visit(part(4));
      await visit(part(5));
    },
  } as unknown as LogReader;
  const processor = {
    adopt: async ({ nextOffsets }: { nextOffsets: ReadonlyMap<string, number> }, [record]: readonly LogRecord[]) =>
      void happened.push(`adopts ${record?.offset}, next ${nextOffsets.get('in')}`),
  };
  const options = {
    databases: new ShardDatabases(database),
    reader,
    processor,
    relays: new Map([[MAIN, { poll: async () => 0 } as unknown as OutboxRelay]]),
    topics: ['in'],
    outputTopic: 'own',
    log: { warn: () => undefined, error: () => undefined },
  } as unknown as ShardLogOptions;
  const parking = { load: async () => new Map() } as never;
  const claimed = claimShard(options, parking, 0, async () => void happened.push('heartbeat'));
  return { claimed, happened };
}

describe('a new owner that learns from its own output', () => {
  it('says that it lives after each part, which may take longer than a session', async () => {
    const { claimed, happened } = claim(() => true);
    await claimed;
    expect(happened).toEqual(['adopts 4, next 3', 'heartbeat', 'adopts 5, next 3', 'heartbeat']);
  });

  it('learns nothing any more once another owns the shard', async () => {
    let asked = 0;
    const { claimed, happened } = claim(() => (asked += 1) === 1);
    await expect(claimed).rejects.toThrow('another owner than epoch 7');
    expect(happened).toEqual(['adopts 4, next 3', 'heartbeat']);
  });
});
