import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A promise's row without what its guarantee's build says already, fixed widths first so that nothing is padded. Frozen
 * once released. Rewrites the table: about a minute for ten million promises, and their disk once more meanwhile.
 */
export class NarrowPromises1790000000004 implements MigrationInterface {
  readonly name = 'NarrowPromises1790000000004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
-- What a build says of every promise that is pinned to it; build: the 64 bits of its hash (to_hex shows it).
create table guarantee_build (
  build     bigint primary key,
  guarantee text not null,
  version   integer not null,
  mode      text,
  time_zone text
);
create table narrow_promise (
  promise_id      uuid not null,
  opened_at_ms    bigint not null,
  due_at_ms       bigint not null,
  decided_at_ms   bigint not null,
  completed_at_ms bigint,
  lateness_ms     bigint,
  build           bigint not null,
  shard           integer not null,
  sequence        integer not null,
  subject         text not null,
  customer        text not null,
  state           text not null,
  verdict         text,
  owner           text,
  facts           jsonb
) with (fillfactor = 90); -- room for the new version of a row on its page: no index is touched then
insert into guarantee_build (build, guarantee, version, mode, time_zone)
select ${BUILD}, guarantee, version, max(mode), max(time_zone) from promise group by 1, 2, 3 on conflict do nothing;
insert into narrow_promise (promise_id, opened_at_ms, due_at_ms, decided_at_ms, completed_at_ms, lateness_ms, build, shard,
  sequence, subject, customer, state, verdict, owner, facts)
select promise_id, opened_at_ms, due_at_ms, decided_at_ms, completed_at_ms, lateness_ms, ${BUILD}, shard, sequence,
  subject, customer, state, verdict, owner, nullif(facts, '{}') from promise;
drop table promise;
alter table narrow_promise rename to promise;
alter table promise add constraint promise_pkey primary key (promise_id);
create index promise_by_subject on promise (subject);
create index promise_by_customer on promise (customer);
-- Reports ask for a period of dues; rows come about in that order, and such an index costs next to nothing to keep.
create index promise_by_due on promise using brin (due_at_ms);`);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only');
  }
}

/** Rows older than builds are told apart by name and version. */
const BUILD = `coalesce(('x' || build)::bit(64)::bigint, hashtextextended(guarantee || '/' || version, 0))`;
