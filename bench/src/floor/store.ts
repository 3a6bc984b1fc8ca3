import pg from 'pg';
import type { ReaderConfig } from './config.js';

pg.types.setTypeParser(pg.types.builtins.INT8, Number);

const TABLES = `
create table shard (shard integer primary key);
create table shard_offset (shard integer, topic text, next_offset bigint not null, primary key (shard, topic));
create table outbox (id bigint generated always as identity primary key, topic text not null, records text not null);
alter table outbox alter column records set storage external;`;

export const CLAIM = `insert into shard (shard) values ($1) on conflict do nothing`;
export const ADVANCE = `
insert into shard_offset (shard, topic, next_offset) values ($1, $2, $3)
on conflict (shard, topic) do update set next_offset = excluded.next_offset`;
export const PUT_OUT = `insert into outbox (topic, records) values ($1, $2) returning id`;
export const TAKE_OUT = `delete from outbox where id = any($1::bigint[])`;

export interface Store {
  transaction<T>(work: (query: Query) => Promise<T>): Promise<T>;
  readonly query: Query;
}
export type Query = <Row>(text: string, values: readonly unknown[]) => Promise<Row[]>;

/** A pool of prepared statements, nothing between us and pg. @param tables of this process beside the common ones. */
export async function openStore({ databaseUrl, schema }: ReaderConfig, tables: string): Promise<Store> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 8, options: `-c search_path=${schema}` });
  await pool.query(`create schema ${schema}; set search_path to ${schema}; ${TABLES} ${tables}`);
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
