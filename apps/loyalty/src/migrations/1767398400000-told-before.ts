import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a database put back to an older state has learned from the topic (told-before/told-before.ts); empty otherwise. */
const TABLE = `
create table told_before (
  customer text primary key,
  shard    integer not null,
  told     json not null
);
`;

export class ToldBefore1767398400000 implements MigrationInterface {
  readonly name = 'ToldBefore1767398400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLE);
  }

  async down(): Promise<void> {
    throw new Error('migrations are not taken back: restore a backup instead');
  }
}
