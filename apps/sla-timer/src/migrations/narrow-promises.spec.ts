import { PGlite, types } from '@electric-sql/pglite';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { Promises0001 } from './0001-promises.js';
import { TimeAndPeople1790000000002 } from './0002-time-and-people.js';
import { NarrowPromises1790000000004 } from './0003-narrow-promises.js';

const id = (n: number): string => `00000000-0000-5000-8000-00000000000${n}`;

it('promises keep what they said when their rows are made narrow', async () => {
  const pg = await PGlite.create({ parsers: { [types.INT8]: Number } });
  const runner = { query: (text: string) => pg.exec(text) } as unknown as QueryRunner;
  const migrate = async (...all: (new () => MigrationInterface)[]): Promise<void> => {
    for (const Each of all) await new Each().up(runner);
  };
  await migrate(Promises0001, TimeAndPeople1790000000002);
  await pg.exec(`
    insert into promise (promise_id, shard, subject, guarantee, version, customer, state, verdict, opened_at_ms, due_at_ms,
      decided_at_ms, sequence, build, mode, owner, time_zone, completed_at_ms, lateness_ms, facts) values
    ('${id(1)}', 3, 'A', 'ems', 2, 'C', 'kept', 'kept', 1, 9, 5, 2, 'ffffffffffffffff', 'active', 'o', 'Asia/Shanghai', 5, null, '{}'),
    ('${id(2)}', 4, 'B', 'ems', 2, 'C', 'breached', 'breached', 1, 9, 10, 3, 'ffffffffffffffff', 'active', null, 'Asia/Shanghai', null, 7, '{"to": "CN"}'),
    ('${id(3)}', 4, 'D', 'old', 1, 'C', 'open', null, 1, 9, 1, 1, null, null, null, null, null, null, null)`);
  await migrate(NarrowPromises1790000000004);
  const { rows } = await pg.query(`
    select right(promise_id::text, 1) as id, shard, subject, guarantee, version, mode, time_zone, to_hex(build) as build, owner,
      opened_at_ms + due_at_ms + decided_at_ms + sequence as sum, completed_at_ms, lateness_ms, facts
    from promise join guarantee_build using (build) order by 1`);
  await pg.close();
  const ems = { guarantee: 'ems', version: 2, mode: 'active', time_zone: 'Asia/Shanghai', build: 'ffffffffffffffff' };
  expect(rows).toEqual([
    {
      ...{ id: '1', shard: 3, subject: 'A', ...ems, owner: 'o', sum: 17 },
      completed_at_ms: 5,
      lateness_ms: null,
      facts: null,
    },
    {
      ...{ id: '2', shard: 4, subject: 'B', ...ems, owner: null, sum: 23 },
      ...{ completed_at_ms: null, lateness_ms: 7, facts: { to: 'CN' } },
    },
    {
      ...{
        id: '3',
        shard: 4,
        subject: 'D',
        guarantee: 'old',
        version: 1,
        mode: null,
        time_zone: null,
        owner: null,
        sum: 12,
      },
      ...{
        build: expect.stringMatching(/^[0-9a-f]+$/) as string,
        completed_at_ms: null,
        lateness_ms: null,
        facts: null,
      },
    },
  ]);
}, 30_000);
