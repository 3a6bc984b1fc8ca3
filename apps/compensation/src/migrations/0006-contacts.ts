import type { MigrationInterface, QueryRunner } from 'typeorm';
import { CONTACT_TABLES } from './contact-tables.js';

/** Frozen once released: changes come as a new migration. */
export class Contacts0006 implements MigrationInterface {
  readonly name = 'Contacts1700000000006';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CONTACT_TABLES);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only');
  }
}
