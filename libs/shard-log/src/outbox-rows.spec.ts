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
    const stored = (await pg.query<{ records: string }>(LOAD_OUTBOX, [[3, 7], []])).rows;
    expect(stored.map(({ records }) => Buffer.from(records))).toEqual(rows.map(({ bytes }) => bytes));
    await pg.close();
  }, 60_000);
});
