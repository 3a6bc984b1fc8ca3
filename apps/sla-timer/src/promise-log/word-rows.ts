import type { Sql } from '#libs/persistence';
import type { SubjectState } from '#libs/promise-engine';
import type { DocumentWords, Word } from './document-words.js';
import { LOAD_WORDS, SAVE_WORDS, WORDS_OF_IDS } from './sql.js';
import { decodeSubject, UnknownWord, type SubjectRow } from './subject-document.js';

interface WordRow {
  readonly id: string;
  readonly text: string;
}

/** Reads documents; where one names a word that this process has not met, all words are read first. */
export async function readSubjects(
  rows: readonly SubjectRow[],
  words: DocumentWords,
  sql: Sql,
): Promise<SubjectState[]> {
  try {
    return rows.map((row) => decodeSubject(row, words));
  } catch (error) {
    if (!(error instanceof UnknownWord)) throw error;
  }
  for (const { id, text } of await sql.query<WordRow>(LOAD_WORDS)) words.learn(id, text);
  return rows.map((row) => decodeSubject(row, words));
}

/**
 * Writes down words in the transaction of the documents that name them: no document can be there without its words.
 * @returns those that the table has as they were given; the others are refused from now on.
 */
export async function saveWords(used: Iterable<Word>, words: DocumentWords, tx: Sql): Promise<Word[]> {
  // In one order, so that shards which do this at the same time wait for one another and not in a circle.
  const sorted = [...used].sort((a, b) => (a.id < b.id ? -1 : 1));
  if (sorted.length === 0) return sorted;
  const ids = sorted.map(({ id }) => id);
  await tx.query(SAVE_WORDS, [ids, sorted.map(({ text }) => text)]);
  // Read by a statement of its own: what another shard has just committed is seen by it.
  const rows = await tx.query<WordRow>(WORDS_OF_IDS, [ids]);
  const textOf = new Map(rows.map(({ id, text }) => [id, text]));
  return sorted.filter((word) => {
    if (textOf.get(word.id) === word.text) words.learn(word.id, word.text);
    else word.isRefused = true;
    return !word.isRefused;
  });
}
