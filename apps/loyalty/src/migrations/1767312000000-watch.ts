import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * `snapshots` are heads of the history, to save folding it (customer-document/history.ts). Purchases are days since 1970 and
 * amounts in the unit of the signals: for the fit of buying, RFM and cohorts. `customer_watch` is what was said of a
 * customer and when passing time is next looked at: apart, because it changes at other times than the customer.
 * `erasure` remembers that a customer was erased, under a name that does not give the id away, with the figures that stay.
 */
const TABLES = `
alter table customer
  add column shard              integer not null default 0,
  add column snapshots          json not null default '[]',
  add column since_ms           bigint,
  add column merged_into        text,
  add column announced_event    text,
  add column orders             integer not null default 0,
  add column purchase_days      integer not null default 0,
  add column first_purchase_day integer,
  add column last_purchase_day  integer,
  add column spent              double precision not null default 0,
  add column churn_risk         double precision not null default 0;
alter table customer alter column snapshots set storage external;
create table customer_watch (
  customer   text primary key,
  shard      integer not null,
  look_at_ms bigint not null,
  risk       text not null,
  gesture    text not null,
  watch      json not null
) with (fillfactor = 70);
create index customer_watch_by_look on customer_watch (shard, look_at_ms);
create index customer_watch_by_risk on customer_watch (risk, customer) where risk <> 'none';
create table erasure (
  erased_key   uuid primary key,
  reference    uuid not null,
  erased_at_ms bigint not null,
  figures      json not null
);
create table model_fit (
  day        integer primary key,
  customers  integer not null,
  repeaters  integer not null,
  parameters json not null
);
`;

export class Watch1767312000000 implements MigrationInterface {
  readonly name = 'Watch1767312000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
  }

  async down(): Promise<void> {
    throw new Error('migrations are not taken back: restore a backup instead');
  }
}
