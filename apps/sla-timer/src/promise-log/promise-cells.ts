import type { Announced, Fact, PromiseRecord } from '#libs/promise-engine';
import type { Pin } from './document-words.js';

/**
 * A promise within a subject's document. What is the same for nearly all promises that are open stands last: a tail of
 * such values is left out. Instants are milliseconds after the document's base.
 */
export type PromiseCells = readonly [
  promiseId: string,
  /** The word for it, or spelled out. */
  pinned: string | Pin,
  customer: string,
  owner: string | null,
  /** The position of the fact among the subject's, or its source and id where it is no longer there. */
  openedBy: number | readonly [source: string, id: string],
  learned: number,
  state: PromiseRecord['state'],
  verdict: PromiseRecord['verdict'],
  opened: number,
  due: number,
  decided: number,
  /** After the due, on which it often falls. */
  wake: number | null,
  sequence?: number,
  speaks?: 0 | 1,
  timeline?: readonly Announced[] | 0,
  cycle?: string,
  completed?: number | null,
  windowEnd?: number | null,
  /** null: it has never woken, which is the instant -1. */
  firedThrough?: number | null,
  everBreached?: 0 | 1,
  warned?: readonly string[] | 0,
  repromises?: number,
  band?: number,
];

/** What the cells from `sequence` on mean where they are left out. */
const TAIL = [0, 0, 0, '', null, null, null, 0, 0, 0, 0] as const;
const FIRST_OF_TAIL = 12;

export function writePromise(
  record: PromiseRecord,
  pinned: string | Pin,
  facts: readonly Fact[],
  baseMs: number,
): PromiseCells {
  const after = (ms: number | null): number | null => (ms === null ? null : ms - baseMs);
  const [source, id] = record.openedBy;
  const at = facts.findIndex((fact) => fact.id === id && fact.source === source);
  const { warned, timeline } = record;
  const cells = [
    record.promiseId,
    pinned,
    record.customer,
    record.owner,
    at < 0 ? record.openedBy : at,
    record.learnedAtMs - baseMs,
    record.state,
    record.verdict,
    record.openedAtMs - baseMs,
    record.dueAtMs - baseMs,
    record.decidedAtMs - baseMs,
    record.wakeAtMs === null ? null : record.wakeAtMs - record.dueAtMs,
    record.sequence,
    record.speaks ? 1 : 0,
    timeline.length === 0 ? 0 : timeline.map(([sequence, kind, atMs]) => [sequence, kind, atMs - baseMs]),
    record.cycle,
    after(record.completedAtMs),
    after(record.windowEndMs),
    record.firedThroughMs === NEVER_MS ? null : record.firedThroughMs - baseMs,
    record.everBreached ? 1 : 0,
    warned.length === 0 ? 0 : warned,
    record.repromises,
    record.band,
  ];
  let length = cells.length;
  while (length > FIRST_OF_TAIL && cells[length - 1] === TAIL[length - 1 - FIRST_OF_TAIL]) length--;
  cells.length = length;
  return cells as unknown as PromiseCells;
}

export function readPromise(cells: PromiseCells, pin: Pin, facts: readonly Fact[], baseMs: number): PromiseRecord {
  const at = (after: number | null | undefined): number | null => (after == null ? null : baseMs + after);
  const [guarantee, version, build] = pin;
  const openedBy = cells[4];
  const [dueAtMs, wake] = [baseMs + cells[9], cells[11]];
  const opener = typeof openedBy === 'number' ? facts[openedBy] : undefined;
  const [timeline, warned] = [cells[14] || NONE, cells[20] || NONE];
  return {
    promiseId: cells[0],
    guarantee,
    version,
    build,
    cycle: cells[15] ?? '',
    customer: cells[2],
    owner: cells[3],
    openedBy: opener === undefined ? (openedBy as readonly [string, string]) : [opener.source, opener.id],
    learnedAtMs: baseMs + cells[5],
    state: cells[6],
    verdict: cells[7],
    openedAtMs: baseMs + cells[8],
    dueAtMs,
    completedAtMs: at(cells[16]),
    decidedAtMs: baseMs + cells[10],
    sequence: cells[12] ?? 0,
    speaks: cells[13] === 1,
    everBreached: cells[19] === 1,
    warned,
    repromises: cells[21] ?? 0,
    band: cells[22] ?? 0,
    windowEndMs: at(cells[17]),
    firedThroughMs: at(cells[18]) ?? NEVER_MS,
    wakeAtMs: wake === null ? null : dueAtMs + wake,
    timeline: timeline.map(([sequence, kind, after]) => [sequence, kind, baseMs + after]),
  };
}

const NEVER_MS = -1;
const NONE: readonly never[] = [];
