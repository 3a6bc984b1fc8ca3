import type { Fact, Letter, PromiseRecord, SubjectState } from '#libs/promise-engine';
import { decodeForm1 } from './document-form-1.js';
import type { DocumentWords, Meaning, Pin, Word } from './document-words.js';
import { objectOf } from './key-tree.js';
import { readPromise, writePromise, type PromiseCells } from './promise-cells.js';

/**
 * A subject as it stands in the database: JSON lists in a fixed order instead of named members, since a document is
 * read and written for every fact, and a million of them lie open. The first member is the version of the form; a change
 * of the form is a new one, and old documents stay readable. Instants are told as milliseconds after `baseMs`, which is
 * when the first fact claims to have happened: most lie close to it, or on it.
 */
const VERSION = 2;

/** The word for source, type and names of members, and the values in its order; or all of it spelled out. */
type FactCells = readonly [
  told: string | readonly [source: string, type: string],
  id: string,
  claimedAfterMs: number,
  /** After the claim. */
  receivedAfterMs: number,
  data: readonly unknown[] | Fact['data'],
  revision?: number,
  extensions?: Fact['extensions'],
];

type Document = readonly [
  version: typeof VERSION,
  baseMs: number,
  facts: readonly FactCells[],
  promises: readonly PromiseCells[],
  /** After the first promise wakes, or after the base where none does. */
  wakeAfterMs: number | null,
  notCoveredUntilMs?: number | null,
  letters?: readonly Letter[],
];

export interface SubjectRow {
  readonly subject: string;
  readonly doc: string;
}

/** What a document is written with. Whoever stores it stores the words that it used, before or with it. */
export interface Writing {
  readonly words: DocumentWords;
  readonly used: Set<Word>;
}

/** A document names a word that has not been read from the database, see readSubjects. */
export class UnknownWord extends Error {
  constructor(id: string) {
    super(`a subject's document names the word ${id}, which is not in document_word`);
  }
}

/**
 * A NUL cannot be stored by PostgreSQL; JSON writes it escaped, so a document is always storable.
 * @param writing null: everything is spelled out
 */
export function encodeSubject(state: SubjectState, writing: Writing | null): string {
  const { facts, promises, notCoveredUntilMs, wakeAtMs, letters } = state;
  const baseMs = facts[0]?.claimedAtMs ?? promises[0]?.openedAtMs ?? 0;
  const factCells = facts.map((fact) => writeFact(fact, baseMs, writing));
  const cells = promises.map((record) => writePromise(record, pinOf(record, writing), facts, baseMs));
  const wakeAfterMs = wakeAtMs === null ? null : wakeAtMs - (promises[0]?.wakeAtMs ?? baseMs);
  const document: Document = [VERSION, baseMs, factCells, cells, wakeAfterMs];
  if (letters !== undefined) return JSON.stringify([...document, notCoveredUntilMs, letters]);
  return JSON.stringify(notCoveredUntilMs === null ? document : [...document, notCoveredUntilMs]);
}

/** @throws UnknownWord */
export function decodeSubject({ subject, doc }: SubjectRow, words: DocumentWords): SubjectState {
  const document = JSON.parse(doc) as readonly unknown[];
  if (document[0] === 1) return decodeForm1(subject, document);
  if (document[0] !== VERSION) throw new Error(`a subject's document has the unknown form ${String(document[0])}`);
  const [, baseMs, factRows, promiseRows, wakeAfterMs, notCoveredUntilMs, letters] = document as unknown as Document;
  const facts = factRows.map((cells) => readFact(subject, cells, baseMs, words));
  const promises = promiseRows.map((cells) => readPromise(cells, readPin(cells[1], words), facts, baseMs));
  const wakeAtMs = wakeAfterMs === null ? null : (promises[0]?.wakeAtMs ?? baseMs) + wakeAfterMs;
  const state = { subject, facts, promises, notCoveredUntilMs: notCoveredUntilMs ?? null, wakeAtMs };
  return letters === undefined ? state : { ...state, letters };
}

function writeFact(fact: Fact, baseMs: number, writing: Writing | null): FactCells {
  const { id, source, type, claimedAtMs, receivedAtMs, revision, extensions } = fact;
  const values: unknown[] = [];
  const word = writing === null ? null : writing.words.forFact(source, type, fact.data, values);
  if (word !== null) writing?.used.add(word);
  const told = word === null ? ([source, type] as const) : word.id;
  const data = word === null ? fact.data : values;
  const claimedAfterMs = claimedAtMs - baseMs;
  const receivedAfterMs = receivedAtMs - claimedAtMs;
  if (extensions !== undefined) return [told, id, claimedAfterMs, receivedAfterMs, data, revision, extensions];
  return revision === 0
    ? [told, id, claimedAfterMs, receivedAfterMs, data]
    : [told, id, claimedAfterMs, receivedAfterMs, data, revision];
}

function pinOf({ guarantee, version, build }: PromiseRecord, writing: Writing | null): string | Pin {
  const word = writing === null ? null : writing.words.forPin(guarantee, version, build);
  if (word === null) return [guarantee, version, build];
  writing?.used.add(word);
  return word.id;
}

function readFact(subject: string, cells: FactCells, baseMs: number, words: DocumentWords): Fact {
  const [told, id, claimedAfterMs, receivedAfterMs, content, revision = 0, extensions] = cells;
  const word = typeof told === 'string' ? meaningOf(told, 'fact', words) : null;
  const [source, type] = word === null ? (told as readonly [string, string]) : [word.source, word.type];
  const data = word === null ? content : objectOf(word.skeleton, content as readonly unknown[]);
  const claimedAtMs = baseMs + claimedAfterMs;
  const receivedAtMs = claimedAtMs + receivedAfterMs;
  const fact = {
    id,
    source,
    type,
    subject,
    // What counts is never later than the receipt.
    occurredAtMs: Math.min(claimedAtMs, receivedAtMs),
    claimedAtMs,
    receivedAtMs,
    revision,
    data: data as Fact['data'],
  };
  return extensions === undefined ? fact : { ...fact, extensions };
}

function readPin(pinned: string | Pin, words: DocumentWords): Pin {
  return typeof pinned === 'string' ? meaningOf(pinned, 'pin', words).pin : pinned;
}

function meaningOf<K extends Meaning['kind']>(id: string, kind: K, words: DocumentWords): Meaning & { kind: K } {
  const meaning = words.meaningOf(id);
  if (meaning?.kind !== kind) throw new UnknownWord(id);
  return meaning as Meaning & { kind: K };
}
