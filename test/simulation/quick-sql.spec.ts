import type { PGlite } from '@electric-sql/pglite';
import { memoryPostgres } from '../memory/memory-postgres.js';
import { QuickSql } from './quick-sql.js';

const STATEMENTS: readonly (readonly [text: string, params: readonly unknown[]])[] = [
  [
    'select $1::integer as i, $2::bigint as b, $3::text as t, $4::boolean as yes',
    [7, 8_000_000_000, `it's "so"`, true],
  ],
  ['select $1::text[] as names, $2::bigint[] as ids, $3::integer[] as none', [['a', 'b"c', ''], [1, 2], []]],
  [
    'select $1::json as j, $2::jsonb as jb, $3::uuid as u',
    [{ a: [1] }, '{"b": null}', '00000000-0000-5000-8000-000000000000'],
  ],
  ['select $1::text as nothing, $2::bytea as bytes, 0.1::double precision as x', [null, new Uint8Array([0, 255])]],
  [
    'select x, y from unnest($1::integer[], $2::text[]) as moved (x, y) order by x',
    [
      [2, 1],
      ['two', null],
    ],
  ],
  ['create temp table if not exists seen (n integer)', []],
];

describe('statements by the wire protocol', () => {
  let pg: PGlite;
  let sql: QuickSql;
  beforeAll(async () => {
    pg = await memoryPostgres();
    sql = new QuickSql(pg);
  }, 60_000);
  afterAll(() => pg.close());

  it.each(STATEMENTS)('answer as PGlite itself does: %s', async (text, params) => {
    const wanted = (await pg.query(text, [...params])).rows;
    expect(sql.query(text, params)).toEqual(wanted);
    expect(sql.query(text, params)).toEqual(wanted); // bound again, not parsed again
  });

  it('fail with the SQLSTATE, and the next one is served', () => {
    expect(() => sql.query('select 1 / $1::integer as x', [0])).toThrow(
      expect.objectContaining({ code: '22012' }) as Error,
    );
    expect(sql.query('select 1 / $1::integer as x', [1])).toEqual([{ x: 1 }]);
    expect(() => sql.query('select no_such_column')).toThrow(expect.objectContaining({ code: '42703' }) as Error);
  });

  it('are undone by a rollback, also after an error', () => {
    sql.query('create table kept (n integer)');
    sql.query('begin');
    sql.query('insert into kept values ($1)', [1]);
    expect(() => sql.query('select 1 / $1::integer as x', [0])).toThrow();
    sql.query('rollback');
    expect(sql.query('select n from kept')).toEqual([]);
  });
});
