import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What documents repeat stands here once, and they name it: see promise-log/document-words.ts. Frozen once released. */
export class DocumentWords1790000000005 implements MigrationInterface {
  readonly name = 'DocumentWords1790000000005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
-- word_id: eight characters of the hash of the word. Rows are never changed, and never removed while documents name them.
create table document_word (
  word_id text primary key,
  word    text not null
);`);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only');
  }
}
