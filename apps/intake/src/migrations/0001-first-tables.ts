import type { MigrationInterface, QueryRunner } from 'typeorm';
import { CONTROL_TABLES } from '#libs/service';
import { SHARD_LOG_TABLES } from '#libs/shard-log';

/**
 * Who ticks (lease); how far commands have been copied (control_copy); when sources were last heard (source_seen,
 * voice '' for a source as a whole). Instants are epoch milliseconds.
 */
const INTAKE_TABLES = `
create table lease (
  name   text primary key,
  holder text,
  epoch  bigint not null,
  beat   bigint not null
);
create table control_copy (
  only_row    boolean primary key default true check (only_row),
  next_offset bigint not null,
  sets_copied integer not null
);
insert into control_copy (next_offset, sets_copied) values (0, 0);
create table source_seen (
  source       text not null,
  voice        text not null,
  last_seen_ms bigint not null,
  primary key (source, voice)
);
`;

export class FirstTables1767225600000 implements MigrationInterface {
  readonly name = 'FirstTables1767225600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SHARD_LOG_TABLES);
    await runner.query(CONTROL_TABLES);
    await runner.query(INTAKE_TABLES);
  }

  /** Frozen: the log's offsets would be lost with the tables, so there is no way back. */
  async down(): Promise<void> {
    throw new Error('the first tables are not taken back');
  }
}
