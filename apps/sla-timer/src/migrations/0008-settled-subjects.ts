import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What is open and what is settled lay in one table: places that had become free among settled subjects were filled with
 * open ones, so that those lay all over the history, and each checkpoint wrote its pages again. Now `subject` has the
 * subjects that wake by themselves, and nothing else. The table of before keeps what is settled, in place: only what is
 * open is copied. Frozen once released.
 */
export class SettledSubjects1790000000009 implements MigrationInterface {
  readonly name = 'SettledSubjects1790000000009';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
alter table subject rename to settled_subject;
alter table settled_subject rename constraint subject_pkey to settled_subject_pkey;
alter index subject_by_wake rename to settled_subject_by_wake;
create table subject (
  shard      integer not null,
  subject    text not null,
  wake_at_ms bigint not null,
  doc        text not null,
  primary key (shard, subject)
) with (toast_tuple_target = 8160);
alter table subject alter column doc set storage external;
with open as (
  delete from settled_subject where wake_at_ms is not null returning shard, subject, wake_at_ms, doc
)
insert into subject (shard, subject, wake_at_ms, doc) select * from open;
create index subject_by_wake on subject (shard, wake_at_ms);
drop index settled_subject_by_wake;
alter table settled_subject drop column wake_at_ms;
do $$ begin
  if current_setting('server_version_num')::integer >= 180000 then
    alter table subject set (autovacuum_vacuum_max_threshold = ${DEAD_ROWS_MAX});
  end if;
end $$`);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only');
  }
}

/** As in chapters: what is left behind goes with the load. */
const DEAD_ROWS_MAX = 250_000;
