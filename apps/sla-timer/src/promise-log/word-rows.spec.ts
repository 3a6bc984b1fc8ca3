import { PGlite } from '@electric-sql/pglite';
import type { QueryRunner } from 'typeorm';
import type { Sql } from '#libs/persistence';
import type { SubjectState } from '#libs/promise-engine';
import { DocumentWords1790000000005 } from '../migrations/0004-document-words.js';
import { DocumentWords, type Word } from './document-words.js';
import { encodeSubject } from './subject-document.js';
import { readSubjects, saveWords } from './word-rows.js';

const fact = { id: 'e', source: 's', type: 't', subject: 'S', occurredAtMs: 1, claimedAtMs: 1, receivedAtMs: 1 };
const state: SubjectState = {
  ...{ subject: 'S', facts: [{ ...fact, revision: 0, data: { a: 1, b: { c: 'x' } } }], promises: [] },
  ...{ notCoveredUntilMs: null, wakeAtMs: null },
};

describe('words in the database', () => {
  let pg: PGlite;
  let sql: Sql;
  beforeAll(async () => {
    pg = await PGlite.create();
    sql = { query: async (text, params) => (await pg.query(text, [...(params ?? [])])).rows as never };
    await new DocumentWords1790000000005().up({ query: (text: string) => pg.exec(text) } as unknown as QueryRunner);
  }, 60_000);
  afterAll(() => pg.close());

  it('are read by a process that has never met them', async () => {
    const words = new DocumentWords(1);
    const used = new Set<Word>();
    encodeSubject(state, { words, used });
    const doc = encodeSubject(state, { words, used });
    expect(used.size).toBe(1);
    await expect(readSubjects([{ subject: 'S', doc }], new DocumentWords(), sql)).rejects.toThrow(
      'not in document_word',
    );
    expect(await saveWords(used, words, sql)).toEqual([...used]);
    expect(await saveWords(used, words, sql)).toEqual([...used]); // another shard writes the same
    expect(await readSubjects([{ subject: 'S', doc }], new DocumentWords(), sql)).toEqual([state]);
  });

  it('that would mean something else under the same id are spelled out', async () => {
    const words = new DocumentWords(1);
    words.forFact('other', 't', { a: 1 }, []);
    const word = words.forFact('other', 't', { a: 1 }, []) as Word;
    await pg.query('insert into document_word values ($1, $2)', [word.id, '["a","b",[]]']);
    expect(await saveWords([word], words, sql)).toEqual([]);
    expect(words.forFact('other', 't', { a: 1 }, [])).toBeNull();
  });

  it('stay within bounds', async () => {
    await pg.query(`insert into document_word select 'n' || n, 'x' from generate_series(1, 10000) n`);
    const words = new DocumentWords(1);
    const pin = words.forPin('g', 1, 'b') as Word;
    expect(await saveWords([pin], words, sql)).toEqual([]);
    expect(words.forPin('g', 1, 'b')).toBeNull();
  });
});
