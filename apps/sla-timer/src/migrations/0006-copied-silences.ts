import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Silences of a log that had other shards: each of them heard of one at a time of its own. Frozen once released. */
export class CopiedSilences1790000000007 implements MigrationInterface {
  readonly name = 'CopiedSilences1790000000007';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
-- JSON lists of instants by former shard, of silences whose beginning or end was copied; null: as from_ms and until_ms say.
alter table silence add column from_by text;
alter table silence add column until_by text;`);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only');
  }
}
