import type { MigrationInterface, QueryRunner } from 'typeorm';
import { WORD_CHANGES } from './word-changes.js';

/** Frozen once released: changes come as a new migration. */
export class Words0005 implements MigrationInterface {
  readonly name = 'Words1700000000005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(WORD_CHANGES);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only');
  }
}
