import type { Announced, Fact, Letter, PromiseRecord, SubjectState } from '#libs/promise-engine';

/**
 * A subject as it stands in the database: JSON lists in a fixed order instead of named members, since a document is
 * read and written for every fact. The first member is the version of the form; a change of the form is a new one, and
 * old documents stay readable.
 */
const VERSION = 1;

type FactCells = readonly [
  id: string,
  source: string,
  type: string,
  claimedAtMs: number,
  receivedAtMs: number,
  data: Fact['data'],
  revision?: number,
  extensions?: Fact['extensions'],
];

/** `openedBy`: the position of the fact among the subject's, or its source and id where it is no longer there. */
type PromiseCells = readonly [
  promiseId: string,
  guarantee: string,
  version: number,
  build: string,
  cycle: string,
  customer: string,
  owner: string | null,
  openedBy: number | readonly [source: string, id: string],
  learnedAtMs: number,
  state: PromiseRecord['state'],
  verdict: PromiseRecord['verdict'],
  openedAtMs: number,
  dueAtMs: number,
  completedAtMs: number | null,
  decidedAtMs: number,
  sequence: number,
  speaks: 0 | 1,
  everBreached: 0 | 1,
  warned: readonly string[] | 0,
  repromises: number,
  band: number,
  windowEndMs: number | null,
  firedThroughMs: number,
  wakeAtMs: number | null,
  timeline: readonly Announced[],
];

type Document = readonly [
  version: typeof VERSION,
  facts: readonly FactCells[],
  promises: readonly PromiseCells[],
  notCoveredUntilMs: number | null,
  wakeAtMs: number | null,
  letters?: readonly Letter[],
];

/** A NUL cannot be stored by PostgreSQL; JSON writes it escaped, so a document is always storable. */
export function encodeSubject(state: SubjectState): string {
  const { facts, promises, notCoveredUntilMs, wakeAtMs, letters } = state;
  const cells = promises.map((record) => promiseCells(record, facts));
  const document: Document = [VERSION, facts.map(factCells), cells, notCoveredUntilMs, wakeAtMs];
  return JSON.stringify(letters === undefined ? document : [...document, letters]);
}

export function decodeSubject({ subject, doc }: { readonly subject: string; readonly doc: string }): SubjectState {
  const [version, factRows, promiseRows, notCoveredUntilMs, wakeAtMs, letters] = JSON.parse(doc) as Document;
  if (version !== VERSION) throw new Error(`a subject's document has the unknown form ${String(version)}`);
  const facts = factRows.map((cells) => factOf(subject, cells));
  const promises = promiseRows.map((cells) => promiseOf(cells, facts));
  const state = { subject, facts, promises, notCoveredUntilMs, wakeAtMs };
  return letters === undefined ? state : { ...state, letters };
}

function factCells(fact: Fact): FactCells {
  const { id, source, type, claimedAtMs, receivedAtMs, data, revision, extensions } = fact;
  if (extensions !== undefined) return [id, source, type, claimedAtMs, receivedAtMs, data, revision, extensions];
  return revision === 0
    ? [id, source, type, claimedAtMs, receivedAtMs, data]
    : [id, source, type, claimedAtMs, receivedAtMs, data, revision];
}

function factOf(subject: string, cells: FactCells): Fact {
  const [id, source, type, claimedAtMs, receivedAtMs, data, revision = 0, extensions] = cells;
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

function promiseCells(record: PromiseRecord, facts: readonly Fact[]): PromiseCells {
  const [source, id] = record.openedBy;
  const at = facts.findIndex((fact) => fact.id === id && fact.source === source);
  return [
    record.promiseId,
    record.guarantee,
    record.version,
    record.build,
    record.cycle,
    record.customer,
    record.owner,
    at < 0 ? record.openedBy : at,
    record.learnedAtMs,
    record.state,
    record.verdict,
    record.openedAtMs,
    record.dueAtMs,
    record.completedAtMs,
    record.decidedAtMs,
    record.sequence,
    record.speaks ? 1 : 0,
    record.everBreached ? 1 : 0,
    record.warned.length === 0 ? 0 : record.warned,
    record.repromises,
    record.band,
    record.windowEndMs,
    record.firedThroughMs,
    record.wakeAtMs,
    record.timeline,
  ];
}

function promiseOf(cells: PromiseCells, facts: readonly Fact[]): PromiseRecord {
  const opener = typeof cells[7] === 'number' ? facts[cells[7]] : undefined;
  return {
    promiseId: cells[0],
    guarantee: cells[1],
    version: cells[2],
    build: cells[3],
    cycle: cells[4],
    customer: cells[5],
    owner: cells[6],
    openedBy: opener === undefined ? (cells[7] as readonly [string, string]) : [opener.source, opener.id],
    learnedAtMs: cells[8],
    state: cells[9],
    verdict: cells[10],
    openedAtMs: cells[11],
    dueAtMs: cells[12],
    completedAtMs: cells[13],
    decidedAtMs: cells[14],
    sequence: cells[15],
    speaks: cells[16] === 1,
    everBreached: cells[17] === 1,
    warned: cells[18] === 0 ? NONE : cells[18],
    repromises: cells[19],
    band: cells[20],
    windowEndMs: cells[21],
    firedThroughMs: cells[22],
    wakeAtMs: cells[23],
    timeline: cells[24],
  };
}

const NONE: readonly string[] = [];
