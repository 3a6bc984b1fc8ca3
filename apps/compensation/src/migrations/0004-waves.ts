import type { MigrationInterface, QueryRunner } from 'typeorm';
import { WAVE_CHANGES } from './wave-changes.js';

/** Frozen once released: changes come as a new migration. */
export class Waves0004 implements MigrationInterface {
  readonly name = 'Waves1700000000004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(WAVE_CHANGES);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only');
  }
}
