import type { MigrationInterface, QueryRunner } from 'typeorm';
import { OUTBOX_VACUUM } from '#libs/shard-log';

/** The room of published outbox rows is used again soon, for every service. Frozen once released. */
export class OutboxVacuum1798000000001 implements MigrationInterface {
  readonly name = 'OutboxVacuum1798000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(OUTBOX_VACUUM);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only');
  }
}
