import type { Fact, Letter, SubjectState } from '#libs/promise-engine';
import { decodeForm1 } from './document-form-1.js';
import { readPromise, writePromise, type PromiseCells } from './promise-cells.js';

/**
 * A subject as it stands in the database: JSON lists in a fixed order instead of named members, since a document is
 * read and written for every fact, and a million of them lie open. The first member is the version of the form; a change
 * of the form is a new one, and old documents stay readable. Instants are told as milliseconds after `baseMs`, which is
 * when the first fact claims to have happened: most lie close to it, or on it.
 */
const VERSION = 2;

type FactCells = readonly [
  told: readonly [source: string, type: string],
  id: string,
  claimedAfterMs: number,
  /** After the claim. */
  receivedAfterMs: number,
  data: Fact['data'],
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

/** A NUL cannot be stored by PostgreSQL; JSON writes it escaped, so a document is always storable. */
export function encodeSubject(state: SubjectState): string {
  const { facts, promises, notCoveredUntilMs, wakeAtMs, letters } = state;
  const baseMs = facts[0]?.claimedAtMs ?? promises[0]?.openedAtMs ?? 0;
  const factCells = facts.map((fact) => writeFact(fact, baseMs));
  const cells = promises.map((record) => writePromise(record, facts, baseMs));
  const wakeAfterMs = wakeAtMs === null ? null : wakeAtMs - (promises[0]?.wakeAtMs ?? baseMs);
  const document: Document = [VERSION, baseMs, factCells, cells, wakeAfterMs];
  if (letters !== undefined) return JSON.stringify([...document, notCoveredUntilMs, letters]);
  return JSON.stringify(notCoveredUntilMs === null ? document : [...document, notCoveredUntilMs]);
}

export function decodeSubject({ subject, doc }: { readonly subject: string; readonly doc: string }): SubjectState {
  const document = JSON.parse(doc) as readonly unknown[];
  if (document[0] === 1) return decodeForm1(subject, document);
  if (document[0] !== VERSION) throw new Error(`a subject's document has the unknown form ${String(document[0])}`);
  const [, baseMs, factRows, promiseRows, wakeAfterMs, notCoveredUntilMs, letters] = document as unknown as Document;
  const facts = factRows.map((cells) => readFact(subject, cells, baseMs));
  const promises = promiseRows.map((cells) => readPromise(cells, facts, baseMs));
  const wakeAtMs = wakeAfterMs === null ? null : (promises[0]?.wakeAtMs ?? baseMs) + wakeAfterMs;
  const state = { subject, facts, promises, notCoveredUntilMs: notCoveredUntilMs ?? null, wakeAtMs };
  return letters === undefined ? state : { ...state, letters };
}

function writeFact(fact: Fact, baseMs: number): FactCells {
  const { id, source, type, claimedAtMs, receivedAtMs, data, revision, extensions } = fact;
  const [claimed, received] = [claimedAtMs - baseMs, receivedAtMs - claimedAtMs];
  if (extensions !== undefined) return [[source, type], id, claimed, received, data, revision, extensions];
  return revision === 0
    ? [[source, type], id, claimed, received, data]
    : [[source, type], id, claimed, received, data, revision];
}

function readFact(subject: string, cells: FactCells, baseMs: number): Fact {
  const [[source, type], id, claimedAfterMs, receivedAfterMs, data, revision = 0, extensions] = cells;
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
    data,
  };
  return extensions === undefined ? fact : { ...fact, extensions };
}
