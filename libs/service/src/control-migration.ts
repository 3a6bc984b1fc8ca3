import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Second migration of CONTROL_TABLES, for every service: sets know their members, and a calendar or zone may change
 * without a version of its own, so that its hash is part of its name. Frozen once released.
 */
export class ControlSets1780000000001 implements MigrationInterface {
  readonly name = 'ControlSets1780000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
alter table guarantee_file add column compiled text;
alter table guarantee_file drop constraint guarantee_file_pkey;
alter table guarantee_file add primary key (kind, name, version, hash);
-- JSON: the hashes of its files.
alter table guarantee_set add column members text not null default '[]';`);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only');
  }
}
