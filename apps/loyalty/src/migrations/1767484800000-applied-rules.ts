import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Rules put into force through the log (rules-in-force/), as each shard has heard of them. */
const TABLE = `
create table applied_rules (
  shard      integer not null,
  event_id   text not null,
  at_ms      bigint not null,
  ruleset    text,
  purchasing json,
  primary key (shard, event_id)
);
`;

export class AppliedRules1767484800000 implements MigrationInterface {
  readonly name = 'AppliedRules1767484800000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLE);
  }

  async down(): Promise<void> {
    throw new Error('migrations are not taken back: restore a backup instead');
  }
}
