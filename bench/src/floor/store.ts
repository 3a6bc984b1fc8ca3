import pg from 'pg';
import type { FloorConfig } from './config.js';

pg.types.setTypeParser(pg.types.builtins.INT8, Number);

const tables = (schema: string): string => `
create schema ${schema};
set search_path to ${schema};
create table shard (shard integer primary key);
create table shard_offset (shard integer primary key, next_offset bigint not null);
create table promise (
  shard    integer not null,
  subject  text not null,
  customer text not null,
  due_ms   bigint not null,
  fire_ms  bigint,
  kept_ms  bigint,
  primary key (shard, subject)
);
create index promise_by_fire on promise (shard, fire_ms) where fire_ms is not null;
create table outbox (id bigint generated always as identity primary key, topic text not null, records text not null);
alter table outbox alter column records set storage external;`;

export const CLAIM = `insert into shard (shard) values ($1) on conflict do nothing`;
export const ADVANCE = `
insert into shard_offset (shard, next_offset) values ($1, $2)
on conflict (shard) do update set next_offset = excluded.next_offset`;
/** Openings of the batch, those kept within the same batch already settled. */
export const OPEN = `
insert into promise (shard, subject, customer, due_ms, fire_ms, kept_ms)
select $1, * from unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[])
on conflict (shard, subject) do nothing`;
export const KEEP = `
update promise set kept_ms = fact.at_ms, fire_ms = null
from unnest($2::text[], $3::bigint[]) as fact (subject, at_ms)
where promise.shard = $1 and promise.subject = fact.subject and promise.fire_ms is not null and fact.at_ms <= promise.due_ms
returning promise.subject, promise.customer, promise.due_ms as "dueMs", fact.at_ms as "atMs"`;
export const FIRE = `
update promise set fire_ms = null where shard = $1 and fire_ms < $2
returning subject, customer, due_ms as "dueMs"`;
export const PUT_OUT = `insert into outbox (topic, records) values ($1, $2) returning id`;
export const TAKE_OUT = `delete from outbox where id = any($1::bigint[])`;

export interface Store {
  transaction<T>(work: (query: Query) => Promise<T>): Promise<T>;
  readonly query: Query;
}
export type Query = <Row>(text: string, values: readonly unknown[]) => Promise<Row[]>;

/** A pool of prepared statements, nothing between us and pg. */
export async function openStore(config: FloorConfig): Promise<Store> {
  const pool = new pg.Pool({
    connectionString: config.databaseUrl,
    max: 8,
    options: `-c search_path=${config.schema}`,
  });
  await pool.query(tables(config.schema));
  const names = new Map<string, string>();
  const on =
    (client: { query(config: pg.QueryConfig): Promise<pg.QueryResult> }): Query =>
    async <Row>(text: string, values: readonly unknown[]) => {
      let name = names.get(text);
      if (!name) names.set(text, (name = `f${names.size}`));
      return (await client.query({ name, text, values: values as unknown[] })).rows as Row[];
    };
  return {
    query: on(pool),
    async transaction(work) {
      const client = await pool.connect();
      try {
        await client.query('begin');
        const result = await work(on(client));
        await client.query('commit');
        return result;
      } catch (error) {
        await client.query('rollback').catch(() => undefined);
        throw error;
      } finally {
        client.release();
      }
    },
  };
}
