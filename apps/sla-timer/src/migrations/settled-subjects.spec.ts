import { PGlite, types } from '@electric-sql/pglite';
import type { QueryRunner } from 'typeorm';
import { MIGRATIONS } from './index.js';
import { SettledSubjects1790000000009 } from './0008-settled-subjects.js';

it('subjects that wake by themselves are copied into a table of their own; what is settled stays where it is', async () => {
  const pg = await PGlite.create({ parsers: { [types.INT8]: Number } });
  const runner = { query: (text: string) => pg.exec(text) } as unknown as QueryRunner;
  const until = MIGRATIONS.indexOf(SettledSubjects1790000000009);
  for (const Each of MIGRATIONS.slice(0, until)) await new Each().up(runner);
  await pg.exec(`insert into subject (shard, subject, wake_at_ms, doc) values
    (1, 'A', 0, 'open'), (1, 'B', null, 'settled'), (2, 'A', 7, 'open'), (2, 'C', null, 'settled')`);
  const fileOf = async (table: string): Promise<unknown> =>
    (await pg.query(`select pg_relation_filenode('${table}') as file`)).rows[0];
  const before = await fileOf('subject');
  await new SettledSubjects1790000000009().up(runner);
  expect(await fileOf('settled_subject')).toEqual(before);
  const rowsOf = async (table: string): Promise<unknown[]> =>
    (await pg.query(`select * from ${table} order by shard, subject`)).rows;
  expect(await rowsOf('subject')).toEqual([
    { shard: 1, subject: 'A', wake_at_ms: 0, doc: 'open' },
    { shard: 2, subject: 'A', wake_at_ms: 7, doc: 'open' },
  ]);
  expect(await rowsOf('settled_subject')).toEqual([
    { shard: 1, subject: 'B', doc: 'settled' },
    { shard: 2, subject: 'C', doc: 'settled' },
  ]);
  const indexes = await pg.query<{ name: string }>(
    `select indexname as name from pg_indexes where tablename in ('subject', 'settled_subject') order by 1`,
  );
  await pg.close();
  expect(indexes.rows.map(({ name }) => name)).toEqual(['settled_subject_pkey', 'subject_by_wake', 'subject_pkey']);
}, 30_000);
