import type { MigrationInterface, QueryRunner } from 'typeorm';
import { SET_CHECKS } from './set-checks.js';

/** Frozen once released: changes come as a new migration. */
export class SetChecks0008 implements MigrationInterface {
  readonly name = 'SetChecks1700000000008';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SET_CHECKS);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only');
  }
}
