import type { PromiseEventData, PromiseEventKind, Verdict } from '#libs/contracts';
import type { Guarantee } from '#libs/guarantees';
import type { InstantMs } from '#libs/kernel';
import { judge, type Judgement } from './judge.js';
import type { Opening } from './openings.js';
import { promiseData } from './promise-data.js';
import type { Fact, Letter, PromiseRecord } from './subject-state.js';
import type { Terms, Told } from './terms.js';
import { isFinal, nextWakeMs, stepsTo, type Step } from './transitions.js';
import { knownAtOpening, outlivesClock, warnedAs, warningsOf } from './warnings.js';

/** One event to announce. */
export interface Announcement {
  readonly kind: PromiseEventKind;
  readonly data: PromiseEventData;
}

/** One decision about the promises of a subject. */
export interface Turn {
  readonly ordered: readonly Fact[];
  readonly letters: readonly Letter[];
  readonly terms: Terms;
  readonly decidedAtMs: InstantMs;
  readonly shardTimeMs: InstantMs;
  /** What is said, in order; filled as it is decided. */
  readonly announcements: Announcement[];
}

/** What the facts say of a promise, as far as time has passed for it; null: it is promised nothing. */
export function judgeRecord(
  record: PromiseRecord,
  opening: Opening,
  turn: Turn,
  throughMs = record.firedThroughMs,
): Judgement | null {
  return judge({
    opening,
    promiseId: record.promiseId,
    ordered: turn.ordered,
    letters: turn.letters,
    terms: turn.terms,
    throughMs,
    windowEndMs: record.windowEndMs,
  });
}

/** A record while it is being settled: one copy, whatever happens to it. */
type Draft = Writable<PromiseRecord>;
type Writable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Brings a promise to what its facts say, announcing each step. null: the opening is promised nothing.
 * @param throughMs instants up to and including this one have passed for it
 * @param first steps that come before those of its facts: that it was opened
 */
export function settle(
  start: PromiseRecord,
  opening: Opening,
  turn: Turn,
  throughMs = start.firedThroughMs,
  first: readonly Step[] = NO_STEPS,
): PromiseRecord | null {
  if (start.state === 'final') return start;
  const judgement = judgeRecord(start, opening, turn, throughMs);
  if (judgement === null) return first.length > 0 ? null : { ...start, firedThroughMs: throughMs, wakeAtMs: null };
  const { guarantee, fact } = opening;
  const isOpenAgain = judgement.verdict === null && start.verdict !== null;
  const record: Draft = { ...start };
  record.firedThroughMs = throughMs;
  if (isOpenAgain) Object.assign(record, { state: 'open', verdict: null, completedAtMs: null });
  const following = stepsTo(record, judgement);
  if (record.openedBy[1] !== fact.id || record.openedBy[0] !== fact.source) record.openedBy = [fact.source, fact.id];
  record.openedAtMs = judgement.openedAtMs;
  record.dueAtMs = judgement.dueAtMs;
  record.windowEndMs = widened(start.windowEndMs, judgement, guarantee.evidence);
  if (first.length > 0) record.warned = knownAtOpening(judgement);
  for (const step of first) take(record, step, judgement, opening, turn);
  if (isOpenAgain) take(record, openAgain(start), judgement, opening, turn);
  for (const step of following) take(record, step, judgement, opening, turn);
  const warnings = warningsOf(guarantee, record, judgement, record.firedThroughMs);
  for (const warning of warnings.due) {
    const state = record.state === 'paused' ? record.state : 'at-risk'; // it may be what the clock stands for
    take(record, { kind: 'at-risk', state, ...warning }, judgement, opening, turn);
  }
  record.completedAtMs = judgement.completedAtMs;
  if (isFinal(record, judgement, guarantee, turn.letters))
    take(record, { kind: 'finalized', state: 'final' }, judgement, opening, turn);
  record.wakeAtMs = nextWakeMs(record, judgement, guarantee, turn.letters, warnings.wakesMs);
  return record;
}

const NO_STEPS: readonly Step[] = [];

/** An announced promise that a late fact makes disappear is taken back. */
export function supersede(start: PromiseRecord, opening: Opening | null, turn: Turn): PromiseRecord {
  if (start.verdict === 'cancelled' || start.state === 'final' || opening === null) return { ...start, wakeAtMs: null };
  const judgement = judgeRecord(start, opening, turn);
  if (judgement === null) return { ...start, wakeAtMs: null };
  const gone: Judgement = {
    ...judgement,
    state: 'cancelled',
    verdict: 'cancelled',
    completion: null,
    completedAtMs: null,
    latenessMs: null,
  };
  const record: Draft = { ...start };
  take(record, { kind: 'cancelled', state: 'cancelled', reason: 'superseded' }, gone, opening, turn);
  record.wakeAtMs = null;
  return record;
}

/** What the verdict rested on was taken back, or the due has moved beyond now: the promise is open again. */
function openAgain(record: PromiseRecord): Step {
  return record.everBreached && record.verdict !== 'kept' && record.verdict !== 'cancelled'
    ? { kind: 'retracted', state: 'open', reason: 'open-again' }
    : { kind: 'due-changed', state: 'open', reason: 'open-again' };
}

/** The window counts from the due in force: one that moved on after the first verdict takes its end along. */
function widened(
  windowEndMs: InstantMs | null,
  { inTimeUntilMs, verdict }: Judgement,
  evidence: { readonly allowanceMs: number; readonly correctionMs: number },
): InstantMs | null {
  if (windowEndMs === null || verdict !== null) return windowEndMs;
  return Math.max(windowEndMs, inTimeUntilMs + evidence.allowanceMs + evidence.correctionMs);
}

/** Steps that are told as of before the verdict, even where it falls in the same breath. */
const EARLY: ReadonlySet<PromiseEventKind> = new Set([
  'opened',
  'at-risk',
  'overdue',
  'unknown',
  'paused',
  'resumed',
  'rescheduled',
  'due-changed',
  'owner-changed',
]);

/** Takes one step: the record says what was decided, and the outside hears of it where the guarantee announces. */
function take(record: Draft, step: Step, judgement: Judgement, opening: Opening, turn: Turn): void {
  const { guarantee } = opening;
  const early = EARLY.has(step.kind);
  const verdict = step.kind === 'finalized' ? record.verdict : early ? null : judgement.verdict;
  const lateNow = verdict === 'breached' && step.state === 'breached';
  record.state = step.state;
  record.verdict = verdict;
  record.completedAtMs = early || lateNow ? null : judgement.completedAtMs;
  record.decidedAtMs = Math.max(turn.decidedAtMs, record.decidedAtMs);
  if (step.kind === 'breached') record.everBreached = true;
  if (step.kind !== 'opened') {
    record.owner = judgement.owner;
    record.repromises = Math.max(record.repromises, judgement.deadline.repromises.length);
  }
  record.band = step.band ?? (verdict === 'breached' ? record.band : 0);
  rememberWarnings(record, step, guarantee);
  if (record.windowEndMs === null && verdict !== null) {
    const { allowanceMs, correctionMs } = guarantee.evidence;
    record.windowEndMs = Math.max(judgement.inTimeUntilMs + allowanceMs, record.decidedAtMs) + correctionMs;
  }
  record.speaks ||= guarantee.announce === 'all' || SPEAKING.has(step.kind) || (step.warning?.tell ?? null) !== null;
  if (!record.speaks) return;
  record.sequence += 1;
  record.timeline = [...record.timeline, [record.sequence, step.kind, record.decidedAtMs]];
  const told = toldAt(step, judgement, verdict, record.decidedAtMs);
  turn.announcements.push({ kind: step.kind, data: promiseData(record, told, opening, turn.terms, step) });
}

/** Each step tells what was known at it: a breach that is completed in the next breath is first told as open. */
function toldAt(step: Step, judgement: Judgement, verdict: Verdict | null, decidedAtMs: InstantMs): Told {
  const told: Writable<Told> = { ...judgement, decidedAtMs };
  told.state = step.state;
  told.verdict = verdict;
  const early = EARLY.has(step.kind);
  if (early || (verdict === 'breached' && step.state === 'breached')) {
    told.completion = null;
    told.completedAtMs = null;
    told.latenessMs = null;
  }
  if (!early) return told;
  told.cancellation = null;
  told.failure = null;
  told.excuse = null;
  told.decision = null;
  return told;
}

/** What ends the silence of `announce: consequences`, besides warnings to a customer. */
const SPEAKING: ReadonlySet<PromiseEventKind> = new Set(['breached', 'unknown']);

/** A re-promise begins a new clock: its points warn again, those that lie before it not. */
function rememberWarnings(record: Draft, step: Step, guarantee: Guarantee): void {
  const { warning, disruption } = step;
  if (warning)
    record.warned = [...record.warned, warnedAs(disruption === undefined ? { warning } : { warning, disruption })];
  if (step.kind !== 'rescheduled') return;
  record.warned = record.warned.filter((warned) => outlivesClock(guarantee, warned));
  record.learnedAtMs = record.decidedAtMs;
}
