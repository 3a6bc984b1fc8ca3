import type { PromiseEventData, PromiseEventKind } from '#libs/contracts';
import { promiseIdOf, type InstantMs } from '#libs/kernel';
import type { Guarantee } from '#libs/guarantees';
import { judge, type Judgement } from './judge.js';
import { openingsOf, type Opening } from './openings.js';
import { customerOf, promiseData } from './promise-data.js';
import { inOrder, type Fact, type PromiseRecord, type SubjectState } from './subject-state.js';
import { ORPHAN_WAIT_MS, type Terms } from './terms.js';
import { isFinal, nextWakeMs, stepsTo, type Step } from './transitions.js';

/** One event to announce. */
export interface Announcement {
  readonly kind: PromiseEventKind;
  readonly data: PromiseEventData;
}

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
  const decidedAtMs = Math.max(shardTimeMs, fact.receivedAtMs);
  const ordered = inOrder(state.facts);
  const openings = openingsOf(ordered, state.promises, terms);
  if (openings.length === 0) return { state: waiting(state, fact, terms, shardTimeMs), announcements: [] };
  const announcements: Announcement[] = [];
  const promises = openings.map((opening) => {
    const { guarantee, cycle, fact: opener } = opening;
    const known = state.promises.find((record) => record.guarantee === guarantee.name && record.cycle === cycle);
    const turn = { opening, ordered, terms, decidedAtMs, shardTimeMs, announcements };
    return settle(
      known ?? open(turn, promiseIdOf(guarantee.name, opener.subject, cycle)),
      turn,
      known ? [] : [{ kind: 'opened', state: 'open' }],
    );
  });
  const opened = new Set(promises.map(({ promiseId }) => promiseId));
  const others = state.promises.filter(({ promiseId }) => !opened.has(promiseId));
  return { state: awake({ ...state, promises: [...promises, ...others], notCoveredUntilMs: null }), announcements };
}

/** Fires, in order, every wake-up of the subject that lies before shard time. */
export function fireDue(state: SubjectState, terms: Terms, shardTimeMs: InstantMs): Decided {
  if (state.wakeAtMs === null || state.wakeAtMs >= shardTimeMs) return { state, announcements: [] };
  if (state.promises.length === 0) return { state: null, announcements: [] }; // orphans and uncovered subjects expire
  const ordered = inOrder(state.facts);
  const openings = openingsOf(ordered, state.promises, terms);
  const announcements: Announcement[] = [];
  const promises = state.promises.map((record) => {
    const opening = openings.find(
      ({ guarantee, cycle }) => guarantee.name === record.guarantee && cycle === record.cycle,
    );
    return opening
      ? fireRecord(record, { opening, ordered, terms, shardTimeMs, announcements })
      : { ...record, wakeAtMs: null };
  });
  return { state: awake({ ...state, promises }), announcements };
}

/** overdue, breached, end of the window, given up: more in one go is a defect. */
const WAKES_PER_TURN_MAX = 16;

interface Turn {
  readonly opening: Opening;
  readonly ordered: readonly Fact[];
  readonly terms: Terms;
  readonly decidedAtMs: InstantMs;
  readonly shardTimeMs: InstantMs;
  readonly announcements: Announcement[];
}

function fireRecord(start: PromiseRecord, turn: Omit<Turn, 'decidedAtMs'>): PromiseRecord {
  if (start.wakeAtMs === null || start.wakeAtMs >= turn.shardTimeMs) return start;
  let record = start;
  for (let fired = 0; fired <= WAKES_PER_TURN_MAX; fired++) {
    const instantMs = nextWakeMs(record, turn.opening.guarantee);
    if (instantMs === null || instantMs >= turn.shardTimeMs) return record;
    const passed = { ...record, firedThroughMs: Math.max(record.firedThroughMs, instantMs) };
    record = settle(passed, { ...turn, decidedAtMs: instantMs }, []);
  }
  throw new Error(`promise ${start.promiseId} wakes up for ever`);
}

/** Brings a promise to what its facts say, announcing each step. */
function settle(start: PromiseRecord, turn: Turn, first: readonly Step[]): PromiseRecord {
  const { guarantee, fact } = turn.opening;
  if (start.state === 'final') return start;
  const judgement = judge(guarantee, fact, turn.ordered, {
    throughMs: start.firedThroughMs,
    windowEndMs: start.windowEndMs,
  });
  let record: PromiseRecord = { ...start, openedAtMs: judgement.openedAtMs, dueAtMs: judgement.dueAtMs };
  if (judgement.verdict === null && record.verdict !== null) {
    // The source took back what the verdict rested on, and due has not passed: the promise is open again.
    record = { ...record, state: judgement.state, verdict: null, completedAtMs: null };
  }
  for (const step of [...first, ...stepsTo(record, judgement)]) record = take(record, step, judgement, turn);
  record = { ...record, completedAtMs: judgement.completedAtMs };
  if (isFinal(record, guarantee)) record = take(record, { kind: 'finalized', state: 'final' }, judgement, turn);
  const wakeMs = nextWakeMs(record, guarantee);
  return { ...record, wakeAtMs: wakeMs === null ? null : Math.max(wakeMs, turn.shardTimeMs) };
}

function take(record: PromiseRecord, step: Step, judgement: Judgement, turn: Turn): PromiseRecord {
  const { guarantee } = turn.opening;
  const decidedAtMs = Math.max(turn.decidedAtMs, record.decidedAtMs);
  const early = step.kind === 'opened' || step.kind === 'overdue';
  const verdict = step.kind === 'finalized' ? record.verdict : early ? null : judgement.verdict;
  const lateNow = verdict === 'breached' && step.state === 'breached';
  const speaks = record.speaks || guarantee.announce === 'all' || step.kind === 'breached';
  const windowEndMs =
    record.windowEndMs ??
    (verdict === null
      ? null
      : Math.max(judgement.dueAtMs + guarantee.evidence.allowanceMs, decidedAtMs) + guarantee.evidence.correctionMs);
  const taken: PromiseRecord = {
    ...record,
    state: step.state,
    verdict,
    completedAtMs: early || lateNow ? null : judgement.completedAtMs,
    decidedAtMs,
    speaks,
    sequence: speaks ? record.sequence + 1 : record.sequence,
    everBreached: record.everBreached || step.kind === 'breached',
    windowEndMs,
    timeline: speaks ? [...record.timeline, [record.sequence + 1, step.kind, decidedAtMs]] : record.timeline,
  };
  if (speaks) {
    // Each step tells what was known at it: a breach that is completed in the next breath is first told as open.
    const told = {
      ...judgement,
      state: step.state,
      verdict,
      decidedAtMs,
      ...(early || lateNow ? { completion: null, completedAtMs: null, latenessMs: null } : {}),
      ...(early ? { cancellation: null } : {}),
    };
    turn.announcements.push({ kind: step.kind, data: promiseData(taken, told, guarantee, turn.terms) });
  }
  return taken;
}

function open(turn: Turn, promiseId: string): PromiseRecord {
  const { guarantee, cycle, fact } = turn.opening;
  return {
    promiseId,
    guarantee: guarantee.name,
    version: guarantee.version,
    cycle,
    customer: customerOf(guarantee, fact),
    state: 'open',
    verdict: null,
    openedAtMs: fact.occurredAtMs,
    dueAtMs: 0,
    completedAtMs: null,
    decidedAtMs: 0,
    sequence: 0,
    speaks: guarantee.announce === 'all',
    everBreached: false,
    windowEndMs: null,
    firedThroughMs: -1,
    wakeAtMs: null,
    timeline: [],
  };
}

/** No promise yet: facts wait for their opening, unless an opening was seen that nobody covers. */
function waiting(state: SubjectState, fact: Fact, terms: Terms, shardTimeMs: InstantMs): SubjectState {
  const untilMs = fact.receivedAtMs + ORPHAN_WAIT_MS;
  const uncovered = terms.active.some((guarantee: Guarantee) => guarantee.opens.on === fact.type);
  const notCoveredUntilMs = uncovered ? untilMs : state.notCoveredUntilMs;
  const wakeAtMs = Math.max(notCoveredUntilMs ?? untilMs, state.wakeAtMs ?? 0, shardTimeMs);
  return { ...state, facts: notCoveredUntilMs === null ? state.facts : [], notCoveredUntilMs, wakeAtMs };
}

function awake(state: SubjectState): SubjectState {
  const wakes = state.promises.flatMap(({ wakeAtMs }) => (wakeAtMs === null ? [] : [wakeAtMs]));
  return { ...state, wakeAtMs: wakes.length === 0 ? null : Math.min(...wakes) };
}
