import { PGlite, types } from '@electric-sql/pglite';
import type { QueryRunner } from 'typeorm';
import type { ServiceOptions } from '#libs/service';
import { ShardDatabases } from '#libs/shard-log';
import { MIGRATIONS } from '../migrations/index.js';
import { isPromise } from '../promise-log/id-prefix.js';
import { PromisesController } from './promises.controller.js';

const PER_CHAPTER = 131_072;
/** So many chapters of so many rows each. */
const [CHAPTERS, ROWS] = [6, 500];

let pg: PGlite;
let list: PromisesController['list'];
beforeAll(async () => {
  pg = await PGlite.create({ parsers: { [types.INT8]: Number } });
  const runner = { query: (text: string) => pg.exec(text) } as unknown as QueryRunner;
  for (const Each of MIGRATIONS) await new Each().up(runner);
  await pg.exec(`insert into guarantee_build values (1, 'ems', 1, 'active', 'UTC')`);
  for (let n = 0; n < CHAPTERS; n++)
    await pg.exec(`
select setval('promise_number', ${n * PER_CHAPTER + 1});
insert into promise (shard, promise_id, subject, build, customer, state, opened_at_ms, due_at_ms, decided_at_ms, sequence)
select i % 12, gen_random_uuid(), '${n}/' || i, 1, 'C' || i % 50, case i % 2 when 0 then 'open' else 'final' end, i, i, i, 1
from generate_series(1, ${ROWS}) i`);
  await pg.exec('vacuum analyze promise');
  const query = async (text: string, params: unknown[]) => (await pg.query(text, params)).rows;
  const databases = { ask: (text: string, params: unknown[]) => query(text, [...params, []]), of: () => ({ query }) };
  const options = { environment: { MAKEGOOD_SHARDS: 12 } } as unknown as ServiceOptions;
  const controller = new PromisesController(databases as unknown as ShardDatabases, options);
  list = (asked) => controller.list(asked);
}, 60_000);
afterAll(() => pg.close());

const chapterOf = ({ subject }: { subject: string }): number => Number(subject.split('/')[0]);

async function pagesOf(asked: Record<string, string>) {
  const promises: Awaited<ReturnType<typeof list>>['promises'] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: Awaited<ReturnType<typeof list>> = await list(cursor === '' ? asked : { ...asked, cursor });
    promises.push(...page.promises);
    cursor = page.cursor;
  }
  return promises;
}

it.each([
  [{ limit: '7', customer: 'C7' }, (CHAPTERS * ROWS) / 50],
  [{ limit: '1000' }, CHAPTERS * ROWS],
  [{ limit: '499', state: 'open', guarantee: 'ems' }, (CHAPTERS * ROWS) / 2],
  [{ limit: '1', subject: '3/4' }, 1],
  [{ limit: '100', guarantee: 'other' }, 0],
])('pages of %j hold each promise once, what came last first', async (asked, count) => {
  const promises = await pagesOf(asked);
  expect(new Set(promises.map(({ promiseId }) => promiseId)).size).toBe(count);
  expect(promises).toHaveLength(count);
  expect(promises.map(chapterOf)).toEqual(promises.map(chapterOf).sort((a, b) => b - a));
});

it.each(['', 'x', '1', '1.2', `-1.${crypto.randomUUID()}`, crypto.randomUUID()])(
  'refuses a cursor that is not its own: %j',
  async (cursor) => {
    await expect(list({ cursor })).rejects.toMatchObject({ problem: { code: 'FIELD_INVALID', pointer: '/cursor' } });
  },
);

it.each([
  ['an id', isPromise(`'${crypto.randomUUID()}'::uuid`), 'promise_by_id'],
  ['a customer', `customer = 'C7'`, 'promise_by_customer'],
])('%s is found by skipping from chapter to chapter, not by reading the table', async (_, condition, index) => {
  const { rows } = await pg.query<{ 'QUERY PLAN': string }>(`explain select * from promise where ${condition}`);
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
  expect(plan).toContain(index);
  expect(plan).not.toContain('Seq Scan');
});

it('a promise stands once in its subject, whatever chapter it is written to', async () => {
  const again = `
insert into promise (shard, promise_id, subject, build, customer, state, opened_at_ms, due_at_ms, decided_at_ms, sequence)
select shard, promise_id, subject, build, customer, state, opened_at_ms, due_at_ms, decided_at_ms, sequence from promise limit 1`;
  await expect(pg.exec(again)).rejects.toMatchObject({ code: '23505' });
});
