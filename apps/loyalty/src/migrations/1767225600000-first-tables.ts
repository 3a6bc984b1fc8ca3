import type { MigrationInterface, QueryRunner } from 'typeorm';
import { CONTROL_TABLES } from '#libs/service';
import { SHARD_LOG_TABLES } from '#libs/shard-log';

/**
 * `document` is all that is known of a customer (customer-document/document.ts); every other column is read off it, so
 * that lists need not read documents. Scores are 0 to 100; instants are epoch milliseconds.
 */
const CUSTOMER_TABLE = `
create table customer (
  customer           text primary key,
  as_of_ms           bigint not null,
  score              double precision not null,
  tier               text not null,
  segment            text not null,
  promises_kept      integer not null,
  promises_missed    integer not null,
  promises_excused   integer not null,
  promises_cancelled integer not null,
  compensation       json not null,
  announced_score    double precision,
  announced_tier     text,
  document           json not null
) with (fillfactor = 70, toast_tuple_target = 8160);
-- Documents are rewritten with every event: compressing them costs more than reading and writing them.
alter table customer alter column document set storage external;
create index customer_by_tier on customer (tier, customer);
create index customer_by_segment on customer (segment, customer);
`;

export class FirstTables1767225600000 implements MigrationInterface {
  readonly name = 'FirstTables1767225600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SHARD_LOG_TABLES);
    await runner.query(CONTROL_TABLES);
    await runner.query(CUSTOMER_TABLE);
  }

  async down(): Promise<void> {
    throw new Error('the first tables are never taken down: drop the schema instead');
  }
}
