import type { PromiseEventData, PromiseEventKind } from '#libs/contracts';
import type { InstantMs } from '#libs/kernel';
import { judge, type Judgement } from './judge.js';
import type { Opening } from './openings.js';
import { promiseData } from './promise-data.js';
import type { Fact, Letter, PromiseRecord } from './subject-state.js';
import type { Terms } from './terms.js';
import { isFinal, nextWakeMs, stepsTo, type Step } from './transitions.js';
import { warningsOf } from './warnings.js';

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

/** What the facts say of a promise now, as far as time has passed for it; null: it is promised nothing. */
export function judgeRecord(record: PromiseRecord, opening: Opening, turn: Turn): Judgement | null {
  return judge({
    opening,
    promiseId: record.promiseId,
    ordered: turn.ordered,
    letters: turn.letters,
    terms: turn.terms,
    throughMs: record.firedThroughMs,
    windowEndMs: record.windowEndMs,
  });
}

/** Brings a promise to what its facts say, announcing each step. null: the opening is promised nothing. */
export function settle(
  start: PromiseRecord,
  opening: Opening,
  turn: Turn,
  first: readonly Step[] = [],
): PromiseRecord | null {
  if (start.state === 'final') return start;
  const judgement = judgeRecord(start, opening, turn);
  if (judgement === null) return first.length > 0 ? null : { ...start, wakeAtMs: null };
  const { guarantee, fact } = opening;
  const isOpenAgain = judgement.verdict === null && start.verdict !== null;
  const before = isOpenAgain ? { ...start, state: 'open' as const, verdict: null, completedAtMs: null } : start;
  const steps = [...first, ...(isOpenAgain ? [openAgain(start)] : []), ...stepsTo(before, judgement)];
  let record: PromiseRecord = {
    ...before,
    openedBy: [fact.source, fact.id],
    openedAtMs: judgement.openedAtMs,
    dueAtMs: judgement.dueAtMs,
    windowEndMs: widened(start.windowEndMs, judgement, guarantee.evidence),
  };
  for (const step of steps) record = take(record, step, judgement, opening, turn);
  const warnings = warningsOf(guarantee, record, judgement, record.firedThroughMs);
  for (const warning of warnings.due)
    record = take(record, { kind: 'at-risk', state: 'at-risk', warning }, judgement, opening, turn);
  record = { ...record, completedAtMs: judgement.completedAtMs };
  if (isFinal(record, judgement, guarantee))
    record = take(record, { kind: 'finalized', state: 'final' }, judgement, opening, turn);
  return { ...record, wakeAtMs: nextWakeMs(record, judgement, guarantee, warnings.wakesMs) };
}

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
  const record = take(start, { kind: 'cancelled', state: 'cancelled', reason: 'superseded' }, gone, opening, turn);
  return { ...record, wakeAtMs: null };
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

function take(record: PromiseRecord, step: Step, judgement: Judgement, opening: Opening, turn: Turn): PromiseRecord {
  const { guarantee } = opening;
  const { evidence } = guarantee;
  const decidedAtMs = Math.max(turn.decidedAtMs, record.decidedAtMs);
  const early = EARLY.has(step.kind);
  const verdict = step.kind === 'finalized' ? record.verdict : early ? null : judgement.verdict;
  const lateNow = verdict === 'breached' && step.state === 'breached';
  const speaks =
    record.speaks ||
    guarantee.announce === 'all' ||
    step.kind === 'breached' ||
    step.kind === 'unknown' ||
    (step.warning?.tell ?? null) !== null;
  const isRescheduled = step.kind === 'rescheduled';
  const taken: PromiseRecord = {
    ...record,
    state: step.state,
    verdict,
    completedAtMs: early || lateNow ? null : judgement.completedAtMs,
    decidedAtMs,
    speaks,
    owner: step.kind === 'opened' ? record.owner : judgement.owner,
    sequence: speaks ? record.sequence + 1 : record.sequence,
    everBreached: record.everBreached || step.kind === 'breached',
    warned: step.warning
      ? [...record.warned, step.warning.id]
      : isRescheduled
        ? record.warned.filter((id) => guarantee.warnings.some((w) => w.id === id && 'on' in w.point))
        : record.warned,
    learnedAtMs: isRescheduled ? decidedAtMs : record.learnedAtMs,
    repromises: Math.max(record.repromises, step.kind === 'opened' ? 0 : judgement.deadline.repromises.length),
    band: step.band ?? (verdict === 'breached' ? record.band : 0),
    windowEndMs:
      record.windowEndMs ??
      (verdict === null
        ? null
        : Math.max(judgement.inTimeUntilMs + evidence.allowanceMs, decidedAtMs) + evidence.correctionMs),
    timeline: speaks ? [...record.timeline, [record.sequence + 1, step.kind, decidedAtMs]] : record.timeline,
  };
  if (!speaks) return taken;
  // Each step tells what was known at it: a breach that is completed in the next breath is first told as open.
  const told = {
    ...judgement,
    state: step.state,
    verdict,
    decidedAtMs,
    ...(early || lateNow ? { completion: null, completedAtMs: null, latenessMs: null } : {}),
    ...(early ? { cancellation: null, failure: null, excuse: null, decision: null } : {}),
  };
  turn.announcements.push({ kind: step.kind, data: promiseData(taken, told, opening, turn.terms, step) });
  return taken;
}
