import type { MigrationInterface, QueryRunner } from 'typeorm';
import { CLAIM_CHANGES } from './claim-changes.js';

/** Frozen once released: changes come as a new migration. */
export class Claims0007 implements MigrationInterface {
  readonly name = 'Claims1700000000007';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CLAIM_CHANGES);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only');
  }
}
