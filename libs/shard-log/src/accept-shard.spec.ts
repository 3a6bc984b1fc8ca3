import type { LogReader, LogRecord } from '#libs/messaging';
import type { Database, Sql } from '#libs/persistence';
import { acceptShard } from './accept-shard.js';

/** A log of one partition by the leaders' terms of its records, and what shard 0 knew of it. */
function worldOf(epochs: readonly number[], next: number, leaderEpoch: number) {
  const statements: (readonly unknown[])[] = [];
  const sql: Sql = {
    query: async <Row>(text: string, params: readonly unknown[] = []): Promise<Row[]> => {
      statements.push([text.trim().split(/\s+/).slice(0, 2).join(' '), ...params]);
      if (text.startsWith('select topic from shard_halt')) return (params[0] === 0 ? [{ topic: 'in' }] : []) as Row[];
      if (text.includes('from shard_offset')) return [{ topic: 'in', nextOffset: next, leaderEpoch }] as Row[];
      if (text.startsWith('delete from shard_halt')) return [{ shard: 0 }] as Row[];
      return text.startsWith('update shard set epoch') ? ([{ epoch: 9 }] as Row[]) : [];
    },
  };
  const database = { ...sql, transaction: (work: (tx: Sql) => Promise<unknown>) => work(sql) } as unknown as Database;
  const reader = {
    offsetsOf: async () => [{ partition: 0, low: 0, high: epochs.length }],
    readRange: async (
      { from, to }: { from: number; to: number },
      onRecords: (records: readonly LogRecord[]) => Promise<void>,
    ) => {
      const records = epochs.map((epoch, offset) => ({ offset, leaderEpoch: epoch }) as LogRecord);
      await onRecords(records.slice(from, to));
    },
  } as unknown as LogReader;
  return { database, reader, statements };
}

const ofTerm = (term: number, count: number): number[] => new Array<number>(count).fill(term);
const wayOn = async (epochs: readonly number[], next: number, leaderEpoch: number): Promise<number | undefined> => {
  const { database, reader } = worldOf(epochs, next, leaderEpoch);
  return (await acceptShard(database, reader, 0))?.[0]?.to;
};

describe('a shard that is accepted', () => {
  it('goes on at the end of a log that went back', async () => {
    expect(await wayOn(ofTerm(3, 70), 100, 3)).toBe(70);
  });

  it('goes on where a later leader wrote first, also when the log has grown past what was read', async () => {
    expect(await wayOn([...ofTerm(3, 70), ...ofTerm(4, 90)], 100, 3)).toBe(70);
    expect(await wayOn([...ofTerm(3, 70), ...ofTerm(4, 9)], 100, 3)).toBe(70);
    expect(await wayOn([...ofTerm(3, 50), ...ofTerm(4, 20_000)], 15_000, 3)).toBe(50); // far back
  });

  it('goes on at the end when the leader of what was read is not known', async () => {
    expect(await wayOn(ofTerm(3, 70), 100, -1)).toBe(70);
  });

  it('stays where it is in a topic that has lost nothing', async () => {
    expect(await wayOn(ofTerm(3, 120), 100, 3)).toBe(100);
    expect(await wayOn([...ofTerm(3, 100), ...ofTerm(4, 20)], 100, 3)).toBe(100);
  });

  it('has a new epoch, so that its owner until now is fenced', async () => {
    const { database, reader, statements } = worldOf(ofTerm(3, 70), 100, 3);
    await acceptShard(database, reader, 0);
    expect(statements.slice(-3).map(([text]) => text)).toEqual(['delete from', 'update shard', 'update shard_offset']);
    expect(statements.at(-1)?.slice(1)).toEqual([0, 'in', 70, 9]);
  });

  it('is left alone when it does not stand still', async () => {
    const { database, reader } = worldOf(ofTerm(3, 70), 100, 3);
    expect(await acceptShard(database, reader, 5)).toBeNull();
  });
});
