import type { MigrationInterface, QueryRunner } from 'typeorm';
import { CONTROL_TABLES } from '#libs/service';
import { SHARD_LOG_TABLES } from '#libs/shard-log';
import { ENTITLEMENT_TABLES } from './entitlement-tables.js';
import { LEDGER_TABLES } from './ledger-tables.js';

/** Frozen once released: changes come as a new migration. */
export class Entitlements0001 implements MigrationInterface {
  readonly name = 'Entitlements1700000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SHARD_LOG_TABLES);
    await runner.query(CONTROL_TABLES);
    await runner.query(ENTITLEMENT_TABLES);
    await runner.query(LEDGER_TABLES);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only');
  }
}
