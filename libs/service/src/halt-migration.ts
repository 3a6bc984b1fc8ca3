import type { MigrationInterface, QueryRunner } from 'typeorm';
import { SHARD_HALT_TABLES } from '#libs/shard-log';

/** Shards that stand still, for every service. Frozen once released. */
export class ShardHalts1795000000001 implements MigrationInterface {
  readonly name = 'ShardHalts1795000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SHARD_HALT_TABLES);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only');
  }
}
