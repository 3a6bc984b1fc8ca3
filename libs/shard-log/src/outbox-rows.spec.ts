import { PGlite } from '@electric-sql/pglite';
import { recordsOf } from '#libs/messaging';
import { packOutbox } from './outbox-rows.js';
import { INSERT_OUTBOX, LOAD_OUTBOX } from './sql.js';
import { SHARD_LOG_TABLES } from './tables.js';

const RECORDS = [
  { topic: 'a', partition: 3, key: 'k 1 "x"\n', value: '{"n":1}' },
  { topic: 'b', partition: 0, key: '', value: '{"n":2}', timestampMs: 1_500_000_000_000 },
  { topic: 'a', partition: 4, key: 'é日', value: '{"n":"😀 слово"}' },
  { topic: 'a', partition: 7, key: 'z', value: '{"n":4}', shard: 7 },
];

describe('outbox rows', () => {
  it('hold one row per publishing shard and topic, and give the records back in order', () => {
    const rows = packOutbox(3, RECORDS);
    expect(rows.map(({ shard, topic }) => [shard, topic])).toEqual([
      [3, 'a'],
      [3, 'b'],
      [7, 'a'],
    ]);
    expect(rows.flatMap(recordsOf)).toEqual([
      RECORDS[0],
      RECORDS[2],
      RECORDS[1],
      { topic: 'a', partition: 7, key: 'z', value: '{"n":4}' },
    ]);
  });

  it('come out of the database as text, whose bytes are those that went in', async () => {
    const pg = await PGlite.create();
    await pg.exec(SHARD_LOG_TABLES);
    const rows = packOutbox(3, RECORDS);
    for (const { shard, topic, bytes } of rows) await pg.query(INSERT_OUTBOX, [shard, topic, bytes]);
    await pg.exec('insert into shard (shard, epoch) values (3, 5), (7, 2)');
    const load = async (shards: number[], epochs: number[], known: number[] = []) =>
      (await pg.query<{ id: number; records: string }>(LOAD_OUTBOX, [shards, epochs, known])).rows;
    const stored = await load([3, 7], [5, 2]);
    expect(stored.map(({ records }) => Buffer.from(records))).toEqual(rows.map(({ bytes }) => bytes));
    // What is in hand is not read again, and whoever was the owner before reads nothing of the next one's.
    const inHand = stored[0]!.id;
    expect((await load([3, 7], [5, 2], [inHand])).map(({ id }) => id)).not.toContain(inHand);
    expect(await load([3, 7], [4, 1])).toEqual([]);
    expect((await load([3, 7], [4, 2])).length).toBe(rows.filter(({ shard }) => shard === 7).length);
    await pg.close();
  }, 60_000);
});
