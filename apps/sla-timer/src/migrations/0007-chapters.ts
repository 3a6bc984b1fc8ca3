import type { MigrationInterface, QueryRunner } from 'typeorm';
import { idPrefix } from '../promise-log/id-prefix.js';

/**
 * Ids of promises are hashes: in an index of them alone each opening went to another page of all history. Rows are now in
 * chapters, in the order in which they came, and the indexes by id and by customer begin with the chapter: what is added
 * touches the pages of the last one. What is known of one id or customer is found by skipping from chapter to chapter
 * (PostgreSQL 18; older ones read the whole index). Rows that were there before are chapter 0. Frozen once released; makes
 * three indexes anew: about a minute for ten million promises.
 */
export class Chapters1790000000008 implements MigrationInterface {
  readonly name = 'Chapters1790000000008';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
alter table promise add column chapter integer not null default 0;
create sequence promise_number cache 100 owned by promise.chapter;
alter table promise alter column chapter set default (nextval('promise_number') / ${ROWS_PER_CHAPTER} + 1);
alter table promise drop constraint promise_pkey;
drop index promise_by_subject, promise_by_customer;
alter table promise add constraint promise_pkey primary key (subject, promise_id);
create index promise_by_id on promise (chapter, (${idPrefix('promise_id')}));
create index promise_by_customer on promise (chapter, customer);
do $$ begin
  if current_setting('server_version_num')::integer >= 180000 then
    alter table subject set (autovacuum_vacuum_max_threshold = ${DEAD_ROWS_MAX});
    alter table promise set (autovacuum_vacuum_max_threshold = ${DEAD_ROWS_MAX});
  end if;
end $$`);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only');
  }
}

/** The indexes of so many rows are a few megabytes, and a billion rows are few enough chapters to skip through. */
const ROWS_PER_CHAPTER = 131_072;

/** A vacuum is due after so many at the latest: what is left behind goes with the load, a fifth of all rows with the history. */
const DEAD_ROWS_MAX = 250_000;
