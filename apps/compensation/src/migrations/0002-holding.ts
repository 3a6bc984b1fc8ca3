import type { MigrationInterface, QueryRunner } from 'typeorm';
import { HOLDING_TABLES } from './holding-tables.js';

/** Frozen once released: changes come as a new migration. */
export class Holding0002 implements MigrationInterface {
  readonly name = 'Holding1700000000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(HOLDING_TABLES);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only');
  }
}
