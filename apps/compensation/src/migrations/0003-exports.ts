import type { MigrationInterface, QueryRunner } from 'typeorm';
import { EXPORT_TABLES } from './export-tables.js';

/** Frozen once released: changes come as a new migration. */
export class Exports0003 implements MigrationInterface {
  readonly name = 'Exports1700000000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(EXPORT_TABLES);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only');
  }
}
