import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Disruptions, silent sources, applied commands, expired orphans, and what attainment counts by. Frozen once released. */
export class TimeAndPeople1790000000002 implements MigrationInterface {
  readonly name = 'TimeAndPeople1790000000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
-- Rises with every change of a shard's disruptions and silences: what is cached under it stays true.
alter table shard_clock add column terms_version bigint not null default 0;
-- Each shard applies a disruption at an offset of its own.
create table disruption (
  shard            integer not null,
  disruption_id    text not null,
  from_ms          bigint not null,
  until_ms         bigint not null,
  effect           text not null,
  scope            text,
  reason           text not null,
  declared_by      text not null,
  declared_at_ms   bigint not null,
  withdrawn_at_ms  bigint,
  withdrawn_by     text,
  withdrawn_reason text,
  primary key (shard, disruption_id)
);
-- While ticks named a source, or one of its voices, as silent; voice '' is the source as a whole, until_ms null: still.
create table silence (
  shard    integer not null,
  source   text not null,
  voice    text not null,
  from_ms  bigint not null,
  until_ms bigint,
  primary key (shard, source, voice, from_ms)
);
create table applied_command (
  shard      integer not null,
  command_id text not null,
  primary key (shard, command_id)
);
-- Facts whose promise never came, bounded by shard.
create table expired_orphan (
  shard         integer not null,
  subject       text not null,
  expired_at_ms bigint not null,
  facts         integer not null,
  types         text not null,
  primary key (shard, subject)
);
alter table promise add column build text;
alter table promise add column mode text;
alter table promise add column owner text;
alter table promise add column time_zone text;
alter table promise add column completed_at_ms bigint;
alter table promise add column lateness_ms bigint;
alter table promise add column facts jsonb;
-- Reports ask for a period of dues; rows come about in that order, and such an index costs next to nothing to keep.
create index promise_by_due on promise using brin (due_at_ms);`);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only');
  }
}
