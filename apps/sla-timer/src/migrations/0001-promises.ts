import type { MigrationInterface, QueryRunner } from 'typeorm';
import { CONTROL_TABLES } from '#libs/service';
import { SHARD_LOG_TABLES } from '#libs/shard-log';

/** Frozen once released: changes come as a new migration. */
export class Promises0001 implements MigrationInterface {
  readonly name = 'Promises1700000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SHARD_LOG_TABLES);
    await runner.query(CONTROL_TABLES);
    await runner.query(`
-- What a shard knows of time and terms, all of it from its log.
create table shard_clock (
  shard         integer primary key,
  shard_time_ms bigint not null,
  last_tick_ms  bigint,
  held_until_ms bigint,
  set_hash      text
);
-- One row per subject: its facts and promises as one document, and the one instant at which it wakes.
create table subject (
  shard      integer not null,
  subject    text not null,
  wake_at_ms bigint,
  doc        text not null,
  primary key (shard, subject)
) with (toast_tuple_target = 8160);
-- Rewritten with every fact: compressing costs more than reading and writing.
alter table subject alter column doc set storage external;
create index subject_by_wake on subject (shard, wake_at_ms) where wake_at_ms is not null;
-- What people ask for; derived from the documents in the same transaction.
create table promise (
  promise_id   uuid primary key,
  shard        integer not null,
  subject      text not null,
  guarantee    text not null,
  version      integer not null,
  customer     text not null,
  state        text not null,
  verdict      text,
  opened_at_ms bigint not null,
  due_at_ms    bigint not null,
  decided_at_ms bigint not null,
  sequence     integer not null
) with (fillfactor = 70); -- room for the new version of a row on its page: no index is touched then
create index promise_by_subject on promise (subject);
create index promise_by_customer on promise (customer);
create table terms_set (
  set_hash text primary key,
  members  text not null
);
create table counted (
  shard integer not null,
  what  text not null,
  times bigint not null,
  primary key (shard, what)
);`);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only');
  }
}
