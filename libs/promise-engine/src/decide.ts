import { promiseIdOf, type InstantMs } from '#libs/kernel';
import type { Guarantee } from '#libs/guarantees';
import { openingsOf, type Opening } from './openings.js';
import { customerOf } from './promise-data.js';
import { settle, supersede, type Announcement, type Turn } from './settle.js';
import { inOrder, type Fact, type Letter, type PromiseRecord, type SubjectState } from './subject-state.js';
import { ORPHAN_WAIT_MS, type Terms } from './terms.js';
import type { Step } from './transitions.js';

export interface Decided {
  /** null: nothing is left to remember of the subject. */
  readonly state: SubjectState | null;
  readonly announcements: readonly Announcement[];
}

/**
 * What follows from a fact just taken in, at shard time `shardTimeMs`. Time-driven steps are left to wake-ups, so that
 * a fact that follows close behind is heard first.
 */
export function decideOnFact(state: SubjectState, fact: Fact, terms: Terms, shardTimeMs: InstantMs): Decided {
  const decided = reconsider(state, terms, Math.max(shardTimeMs, fact.receivedAtMs), shardTimeMs);
  if (decided.state !== null && decided.state.promises.length > 0) return decided;
  return { state: waiting(state, fact, terms, shardTimeMs), announcements: [] };
}

/**
 * Settles all promises of a subject anew: after a fact, or when the world around them has changed (a disruption, a
 * source that is back, a letter).
 */
export function reconsider(state: SubjectState, terms: Terms, atMs: InstantMs, shardTimeMs: InstantMs): Decided {
  const turn = turnOf(state, terms, Math.max(atMs, shardTimeMs), shardTimeMs);
  const openings = openingsOf(turn.ordered, state.promises, terms);
  let promises: PromiseRecord[] | null = null;
  for (const opening of openings) {
    const known = recordOf(state, opening);
    const isHeld = known === undefined && opening.notBeforeMs >= shardTimeMs && opening.notBeforeMs > 0;
    if (isHeld) continue;
    const settled = known === undefined ? open(opening, turn) : settle(known, opening, turn);
    if (settled !== null) promises = withOneMore(promises, settled);
  }
  return done(state, openings, promises ?? [], turn);
}

const NO_ANNOUNCEMENTS: readonly Announcement[] = [];

/** Fires, in order, every wake-up of the subject that lies before shard time. */
export function fireDue(state: SubjectState, terms: Terms, shardTimeMs: InstantMs): Decided {
  if (state.wakeAtMs === null || state.wakeAtMs >= shardTimeMs) return { state, announcements: NO_ANNOUNCEMENTS };
  if (state.promises.length === 0) return { state: null, announcements: [] }; // orphans and uncovered subjects expire
  const turn = turnOf(state, terms, 0, shardTimeMs);
  const openings = openingsOf(turn.ordered, state.promises, terms);
  let promises: PromiseRecord[] | null = null;
  for (const opening of openings) {
    const known = recordOf(state, opening);
    if (known === undefined && opening.notBeforeMs >= shardTimeMs) continue;
    const record = known ?? open(opening, { ...turn, decidedAtMs: opening.notBeforeMs });
    if (record !== null) promises = withOneMore(promises, fireRecord(record, opening, turn));
  }
  return done(state, openings, promises ?? [], turn);
}

/** Most subjects have one promise, and an empty list makes room for seventeen when its first is added. */
function withOneMore<T>(list: T[] | null, item: T): T[] {
  if (list === null) return [item];
  list.push(item);
  return list;
}

/** Moves the promises of one guarantee that have no verdict to the version that is now the newest, and settles them. */
export function rebaseSubject(
  state: SubjectState,
  guaranteeName: string,
  terms: Terms,
  atMs: InstantMs,
  shardTimeMs: InstantMs,
): Decided {
  const newest = terms.active.filter(({ name }) => name === guaranteeName).at(-1);
  if (newest === undefined) return { state, announcements: [] };
  const promises = state.promises.map((record) =>
    record.guarantee === guaranteeName && record.verdict === null && record.state !== 'final'
      ? { ...record, version: newest.version, build: newest.build }
      : record,
  );
  return reconsider({ ...state, promises }, terms, atMs, shardTimeMs);
}

/** Remembers what became of a dead letter of the subject; the same again changes nothing. */
export function takeLetter(
  state: SubjectState,
  letter: { readonly id: string; readonly status: 'open' | 'replayed' | 'discarded' },
  atMs: InstantMs,
): SubjectState {
  const letters = state.letters ?? [];
  const known: Letter = letters.find(({ id }) => id === letter.id) ?? {
    id: letter.id,
    openedAtMs: null,
    closedAtMs: null,
  };
  const next =
    letter.status === 'open'
      ? { ...known, openedAtMs: known.openedAtMs ?? atMs }
      : { ...known, closedAtMs: known.closedAtMs ?? atMs };
  return { ...state, letters: [...letters.filter(({ id }) => id !== letter.id), next] };
}

/** Warnings, overdue, unknown, breached, bands, the ends: more in one go is a defect. */
const WAKES_PER_TURN_MAX = 1_000;

function fireRecord(start: PromiseRecord, opening: Opening, turn: Turn): PromiseRecord {
  let record = start;
  for (let fired = 0; fired <= WAKES_PER_TURN_MAX; fired++) {
    const instantMs = record.wakeAtMs;
    if (instantMs === null || instantMs >= turn.shardTimeMs) return record;
    const passedMs = Math.max(record.firedThroughMs, instantMs);
    const settled = settle(record, opening, { ...turn, decidedAtMs: instantMs }, passedMs);
    if (settled === null) return { ...record, wakeAtMs: null };
    record = settled;
  }
  throw new Error(`promise ${start.promiseId} wakes up for ever`);
}

function turnOf(state: SubjectState, terms: Terms, decidedAtMs: InstantMs, shardTimeMs: InstantMs): Turn {
  const letters = state.letters ?? NO_LETTERS;
  return { ordered: inOrder(state.facts), letters, terms, decidedAtMs, shardTimeMs, announcements: [] };
}

const NO_LETTERS: readonly Letter[] = [];

function recordOf({ promises }: SubjectState, { guarantee, cycle }: Opening): PromiseRecord | undefined {
  return promises.find((record) => record.guarantee === guarantee.name && record.cycle === cycle);
}

/** Promises without an opening among the facts are superseded; the rest is as settled. */
function done(state: SubjectState, openings: readonly Opening[], settled: PromiseRecord[], turn: Turn): Decided {
  const promises = settled;
  for (const record of state.promises) {
    if (openings.some((o) => o.guarantee.name === record.guarantee && o.cycle === record.cycle)) continue;
    promises.push(supersede(record, lostOpening(record, state, turn.terms), turn));
  }
  let leastMs = Number.POSITIVE_INFINITY;
  for (const { wakeAtMs } of promises) if (wakeAtMs !== null && wakeAtMs < leastMs) leastMs = wakeAtMs;
  for (const opening of openings) {
    if (opening.notBeforeMs === 0 || opening.notBeforeMs < turn.shardTimeMs) continue;
    if (recordOf(state, opening) === undefined) leastMs = Math.min(leastMs, opening.notBeforeMs);
  }
  // What lies before shard time is due at the next tick, so that a fact that follows close behind is heard first.
  const wakeAtMs = leastMs === Number.POSITIVE_INFINITY ? null : Math.max(leastMs, turn.shardTimeMs);
  return {
    state: { ...state, promises, notCoveredUntilMs: null, wakeAtMs },
    announcements: turn.announcements,
  };
}

/** The opening as it was, for the last words about a promise that is no more. */
function lostOpening(record: PromiseRecord, state: SubjectState, terms: Terms): Opening | null {
  const guarantee = terms.pinned(record.guarantee, record.version, record.build);
  const [source, id] = record.openedBy;
  const fact = state.facts.find((each) => each.source === source && each.id === id);
  return guarantee && fact ? { guarantee, cycle: record.cycle, fact, spentMs: 0, notBeforeMs: 0 } : null;
}

function open(opening: Opening, turn: Turn): PromiseRecord | null {
  const { guarantee, cycle, fact } = opening;
  const record: PromiseRecord = {
    promiseId: promiseIdOf(guarantee.name, fact.subject, cycle),
    guarantee: guarantee.name,
    version: guarantee.version,
    build: guarantee.build,
    cycle,
    customer: customerOf(guarantee, fact),
    owner: guarantee.opens.owner?.evaluate(fact) ?? null,
    openedBy: [fact.source, fact.id],
    learnedAtMs: turn.decidedAtMs,
    state: 'open',
    verdict: null,
    openedAtMs: fact.occurredAtMs,
    dueAtMs: 0,
    completedAtMs: null,
    decidedAtMs: 0,
    sequence: 0,
    speaks: guarantee.announce === 'all',
    everBreached: false,
    warned: [],
    repromises: 0,
    band: 0,
    windowEndMs: null,
    firedThroughMs: -1,
    wakeAtMs: null,
    timeline: [],
  };
  return settle(record, opening, turn, record.firedThroughMs, OPENED);
}

const OPENED: readonly Step[] = [{ kind: 'opened', state: 'open' }];

/** No promise yet: facts wait for their opening, unless an opening was seen that nobody covers. */
function waiting(state: SubjectState, fact: Fact, terms: Terms, shardTimeMs: InstantMs): SubjectState {
  const untilMs = fact.receivedAtMs + ORPHAN_WAIT_MS;
  const uncovered = terms.active.some((guarantee: Guarantee) => guarantee.opens.on === fact.type);
  const notCoveredUntilMs = uncovered ? untilMs : state.notCoveredUntilMs;
  const wakeAtMs = Math.max(notCoveredUntilMs ?? untilMs, state.wakeAtMs ?? 0, shardTimeMs);
  return { ...state, facts: notCoveredUntilMs === null ? state.facts : [], notCoveredUntilMs, wakeAtMs };
}
