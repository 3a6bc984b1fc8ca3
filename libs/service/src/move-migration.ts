import type { MigrationInterface, QueryRunner } from 'typeorm';
import { SHARD_MOVE_TABLES } from '#libs/shard-log';

/** Shards that were moved to another database, for every service. Frozen once released. */
export class ShardMoves1797000000001 implements MigrationInterface {
  readonly name = 'ShardMoves1797000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SHARD_MOVE_TABLES);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only');
  }
}
