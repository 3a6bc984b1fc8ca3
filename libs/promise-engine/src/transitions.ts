import type { PromiseEventKind, PromiseState } from '#libs/contracts';
import type { Guarantee, Warning } from '#libs/guarantees';
import type { InstantMs } from '#libs/kernel';
import type { Judgement } from './judge.js';
import { heldByLettersMs } from './held-breach.js';
import type { Letter, PromiseRecord } from './subject-state.js';

/** One step in a promise's life: what is said, and the state in which it leaves the promise. */
export interface Step {
  readonly kind: PromiseEventKind;
  readonly state: PromiseState;
  readonly warning?: Warning;
  /** at-risk: the declared disruption that it warns of. */
  readonly disruption?: string;
  /** Number of the band that was crossed, from 1. */
  readonly band?: number;
  readonly reason?: string;
}

/** What must be said so that the outside knows what the facts say now. Nothing, when nothing changed. */
export function stepsTo(record: PromiseRecord, judgement: Judgement): readonly Step[] {
  if (record.state === 'final') return NO_STEPS;
  switch (judgement.verdict) {
    case 'kept':
      if (record.verdict === 'kept') return NO_STEPS;
      return isMissed(record) ? [{ kind: 'retracted', state: 'retracted' }] : [{ kind: 'kept', state: 'kept' }];
    case 'cancelled':
      return record.verdict === 'cancelled' ? NO_STEPS : [{ kind: 'cancelled', state: 'cancelled' }];
    case 'breached':
      return [...breachSteps(record), ...bandSteps(record, judgement), ...completionSteps(record, judgement)];
    case 'excused':
      return record.verdict === 'excused' ? NO_STEPS : [{ kind: 'excused', state: 'excused' }];
    case null:
      return openSteps(record, judgement);
    default:
      throw new Error(`unknown verdict ${JSON.stringify(judgement.verdict satisfies never)}`);
  }
}

const NO_STEPS: readonly Step[] = [];

/** A breach was announced and has not been taken back. */
function isMissed(record: PromiseRecord): boolean {
  return record.verdict === 'breached' || (record.verdict === 'excused' && record.everBreached);
}

function breachSteps(record: PromiseRecord): Step[] {
  if (record.verdict === 'breached') return [];
  return [{ kind: record.everBreached ? 'reinstated' : 'breached', state: 'breached' }];
}

/** Each band is told once; a breach that is told only now tells where it stands by itself. */
function bandSteps(record: PromiseRecord, { band, completedAtMs }: Judgement): Step[] {
  if (completedAtMs !== null) return [];
  const steps: Step[] = [];
  for (let n = record.band + 1; n <= band; n++) steps.push({ kind: 'band-crossed', state: 'breached', band: n });
  return steps;
}

function completionSteps(record: PromiseRecord, judgement: Judgement): Step[] {
  if (judgement.completedAtMs === null) return [];
  const known = record.verdict === 'breached' && record.completedAtMs === judgement.completedAtMs;
  return known ? [] : [{ kind: 'completed-late', state: 'completed-late' }];
}

/** Without a verdict: the deadline, the clock and the owner may have moved, and time may have passed. */
function openSteps(record: PromiseRecord, judgement: Judgement): Step[] {
  const { deadline, state } = judgement;
  const steps: Step[] = [];
  let now = record.state;
  const step = (kind: PromiseEventKind, next: PromiseState, reason?: string): void => {
    steps.push({ kind, state: next, ...(reason === undefined ? {} : { reason }) });
    now = next;
  };
  if (judgement.owner !== record.owner) step('owner-changed', now);
  if (deadline.repromises.length > record.repromises) step('rescheduled', now === 'paused' ? now : 'open');
  const told = steps.some(({ kind }) => kind === 'rescheduled');
  if (state === 'paused' && now !== 'paused') step('paused', 'paused', deadline.standing?.reason);
  else if (state !== 'paused' && now === 'paused') step('resumed', 'open', resumedBy(judgement));
  else if (record.sequence > 0 && judgement.dueAtMs !== record.dueAtMs && !told) step('due-changed', now);
  if ((state === 'overdue' || state === 'unknown') && now !== 'overdue' && now !== 'unknown')
    step('overdue', 'overdue');
  if (state === 'unknown' && now !== 'unknown') step('unknown', 'unknown');
  if (state === 'open' && (now === 'overdue' || now === 'unknown')) step('due-changed', 'open');
  return steps;
}

function resumedBy({ deadline }: Judgement): string | undefined {
  const last = deadline.pauses.reduce<(typeof deadline.pauses)[number] | null>(
    (latest, pause) => (latest === null || pause.untilMs >= latest.untilMs ? pause : latest),
    null,
  );
  return last === null ? undefined : last.isOpen ? 'max-pause' : last.reason;
}

/** True when no fact that may still come can change anything: the books of this promise close. */
export function isFinal(
  record: PromiseRecord,
  judgement: Judgement,
  guarantee: Guarantee,
  letters: readonly Letter[],
): boolean {
  const atMs = finalAtMs(record, guarantee, letters);
  if (record.verdict === null || atMs === null || record.firedThroughMs < atMs) return false;
  return !isUncompleted(record) || judgement.verdict === 'breached';
}

/** What lies in a dead letter was received in time, and counts when it is replayed: until then the books stay open. */
function finalAtMs(record: PromiseRecord, guarantee: Guarantee, letters: readonly Letter[]): InstantMs | null {
  if (record.windowEndMs === null) return null;
  return heldByLettersMs(isUncompleted(record) ? givenUpAtMs(record, guarantee) : record.windowEndMs, letters);
}

function isUncompleted({ verdict, completedAtMs }: PromiseRecord): boolean {
  return verdict === 'breached' && completedAtMs === null;
}

/** The next instant at which time alone may change what is said; null: never again. */
export function nextWakeMs(
  record: PromiseRecord,
  judgement: Judgement,
  guarantee: Guarantee,
  letters: readonly Letter[],
  warnsMs: readonly InstantMs[],
): InstantMs | null {
  if (record.state === 'final') return null;
  const afterMs = record.firedThroughMs;
  let nextMs = least(judgement.wakesMs, afterMs, least(warnsMs, afterMs, Number.POSITIVE_INFINITY));
  if (record.windowEndMs !== null && record.windowEndMs > afterMs) nextMs = Math.min(nextMs, record.windowEndMs);
  if (record.verdict === 'breached') {
    const givenUpMs = givenUpAtMs(record, guarantee);
    if (givenUpMs > afterMs) nextMs = Math.min(nextMs, givenUpMs);
  }
  const finalMs = finalAtMs(record, guarantee, letters);
  if (finalMs !== null && finalMs > afterMs) nextMs = Math.min(nextMs, finalMs);
  return nextMs === Number.POSITIVE_INFINITY ? null : nextMs;
}

function least(instantsMs: readonly InstantMs[], afterMs: InstantMs, bestMs: InstantMs): InstantMs {
  let nextMs = bestMs;
  for (const atMs of instantsMs) if (atMs > afterMs && atMs < nextMs) nextMs = atMs;
  return nextMs;
}

/** `completionLimit` counts from due and is never shorter than the correction window. */
function givenUpAtMs(record: PromiseRecord, guarantee: Guarantee): InstantMs {
  return Math.max(record.dueAtMs + guarantee.evidence.completionLimitMs, record.windowEndMs ?? 0);
}
