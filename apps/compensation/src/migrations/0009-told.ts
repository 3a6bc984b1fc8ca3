import type { MigrationInterface, QueryRunner } from 'typeorm';
import { TOLD_CHANGES } from './told-changes.js';

/** Frozen once released: changes come as a new migration. */
export class Told0009 implements MigrationInterface {
  readonly name = 'Told1700000000009';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TOLD_CHANGES);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only');
  }
}
