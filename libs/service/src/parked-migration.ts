import type { MigrationInterface, QueryRunner } from 'typeorm';
import { PARKED_TABLES } from '#libs/shard-log';

/** Records that wait behind the dead letter of their key; empty where a service's order does not matter. Frozen once released. */
export class ParkedRecords1796000000001 implements MigrationInterface {
  readonly name = 'ParkedRecords1796000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(PARKED_TABLES);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only');
  }
}
