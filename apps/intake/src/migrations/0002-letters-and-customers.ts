import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Dead letters as listed, customers as last told, names that mean the same. Frozen once released. */
export class LettersAndCustomers1790000000003 implements MigrationInterface {
  readonly name = 'LettersAndCustomers1790000000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
create table dead_letter (
  letter_id     text primary key,
  shard         integer not null,
  at_ms         bigint not null,
  service       text not null,
  reason        text not null,
  subject       text not null,
  letter        text not null,
  status        text not null default 'open',
  decided_by    text,
  decide_reason text
);
create index dead_letter_by_time on dead_letter (at_ms, letter_id);
-- What guarantees may read of a customer; nothing else of customer.updated is kept.
create table customer (
  customer   text primary key,
  told_at_ms bigint not null,
  segment    text,
  contract   text,
  locale     text,
  time_zone  text
);
create table subject_alias (
  alias   text primary key,
  subject text not null
);`);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only');
  }
}
