import type { Announced, Fact, Letter, PromiseRecord, SubjectState } from '#libs/promise-engine';

/** The first form of a subject's document: it is only read. With its next fact a subject is written in the newest form. */
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
  version: 1,
  facts: readonly FactCells[],
  promises: readonly PromiseCells[],
  notCoveredUntilMs: number | null,
  wakeAtMs: number | null,
  letters?: readonly Letter[],
];

export function decodeForm1(subject: string, document: readonly unknown[]): SubjectState {
  const [, factRows, promiseRows, notCoveredUntilMs, wakeAtMs, letters] = document as unknown as Document;
  const facts = factRows.map((cells) => factOf(subject, cells));
  const promises = promiseRows.map((cells) => promiseOf(cells, facts));
  const state = { subject, facts, promises, notCoveredUntilMs, wakeAtMs };
  return letters === undefined ? state : { ...state, letters };
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
