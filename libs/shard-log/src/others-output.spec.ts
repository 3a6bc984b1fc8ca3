import type { LogReader, LogRecord } from '#libs/messaging';
import type { Database } from '#libs/persistence';
import { knowsOthersOutput } from './others-output.js';
import type { OwnedShard, ShardLogOptions } from './shard-owner.js';
import { LEARN_FOR, LOAD_OUTPUTS } from './sql.js';

const recordAt = (offset: number): LogRecord => ({
  ...{ topic: 'own', partition: 1, offset, timestampMs: 0, key: null, value: Buffer.alloc(0) },
});

/** Shard 0, claimed when the output of shard 1 ended at 6, and of shard 2 at 0; `knownOf1` is what the database knows. */
function claimed(knownOf1: () => number) {
  const happened: string[] = [];
  const query = async (text: string, params: unknown[]): Promise<unknown[]> => {
    if (text === LEARN_FOR) happened.push(`knows shard ${params.join(' up to ')}`);
    return text === LOAD_OUTPUTS ? [{ shard: 1, outputOffset: knownOf1() }] : [];
  };
  const options = {
    reader: {
      readRange: async (range: { from: number; to: number }, visit: (records: LogRecord[]) => Promise<void>) => {
        happened.push(`reads ${range.from} to ${range.to}`);
        await visit([recordAt(4)]);
      },
    } as unknown as LogReader,
    processor: { adopt: async ({ shard }: { shard: number }) => void happened.push(`adopts of ${shard}`) },
    clock: { nowMs: () => 0, sleep: async () => void happened.push('waits') },
    outputTopic: 'own',
    log: { warn: () => undefined, error: () => undefined },
  } as unknown as ShardLogOptions;
  const shard = {
    shard: 0,
    database: { query, transaction: (work: (tx: unknown) => unknown) => work({ query }) } as unknown as Database,
    looks: 0,
    isRestored: false,
    unlearned: new Map([
      [1, 6],
      [2, 0],
    ]),
  } as unknown as OwnedShard;
  return { happened, look: () => knowsOthersOutput(options, shard, async () => void happened.push('heartbeat')) };
}

describe('what other shards had told when a shard was claimed', () => {
  it('is waited for until they have learned it, and asked for no more then', async () => {
    let known = 3;
    let asked = 0;
    const { happened, look } = claimed(() => ((asked += 1), known));
    expect(await look()).toBe(false);
    expect(await look()).toBe(false);
    known = 6;
    expect(await look()).toBe(true);
    expect(await look()).toBe(true);
    expect([asked, happened]).toEqual([3, ['waits', 'waits']]);
  });

  it('is learned in the place of one that does not', async () => {
    const { happened, look } = claimed(() => 3);
    let looks = 1;
    while (!(await look())) looks += 1;
    expect(looks).toBe(20);
    expect(happened.filter((what) => what !== 'waits')).toEqual([
      'reads 3 to 6',
      'knows shard 1 up to 5',
      'adopts of 1',
      'heartbeat',
      'knows shard 1 up to 6',
    ]);
    expect(await look()).toBe(true);
  });
});
