import type { PromiseEventKind, PromiseState } from '#libs/contracts';
import type { Guarantee } from '#libs/guarantees';
import type { InstantMs } from '#libs/kernel';
import type { Judgement } from './judge.js';
import type { PromiseRecord } from './subject-state.js';

/** One step in a promise's life: what is said, and the state in which it leaves the promise. */
export interface Step {
  readonly kind: PromiseEventKind;
  readonly state: PromiseState;
}

/** What must be said so that the outside knows what the facts say now. Nothing, when nothing changed. */
export function stepsTo(record: PromiseRecord, judgement: Judgement): Step[] {
  if (record.state === 'final') return [];
  switch (judgement.verdict) {
    case 'kept':
      if (record.verdict === 'kept') return [];
      return record.verdict === 'breached'
        ? [{ kind: 'retracted', state: 'retracted' }]
        : [{ kind: 'kept', state: 'kept' }];
    case 'cancelled':
      return record.verdict === 'cancelled' ? [] : [{ kind: 'cancelled', state: 'cancelled' }];
    case 'breached':
      return [...breachSteps(record), ...completionSteps(record, judgement)];
    case 'excused':
      return [];
    case null:
      return judgement.state === 'overdue' && record.state === 'open' ? [{ kind: 'overdue', state: 'overdue' }] : [];
    default:
      throw new Error(`unknown verdict ${JSON.stringify(judgement.verdict satisfies never)}`);
  }
}

function breachSteps(record: PromiseRecord): Step[] {
  if (record.verdict === 'breached') return [];
  return [{ kind: record.everBreached ? 'reinstated' : 'breached', state: 'breached' }];
}

function completionSteps(record: PromiseRecord, judgement: Judgement): Step[] {
  if (judgement.completedAtMs === null) return [];
  const known = record.verdict === 'breached' && record.completedAtMs === judgement.completedAtMs;
  return known ? [] : [{ kind: 'completed-late', state: 'completed-late' }];
}

/** True when no fact that may still come can change anything: the books of this promise close. */
export function isFinal(record: PromiseRecord, guarantee: Guarantee): boolean {
  if (record.verdict === null || record.windowEndMs === null || record.firedThroughMs < record.windowEndMs)
    return false;
  if (record.verdict !== 'breached' || record.completedAtMs !== null) return true;
  return record.firedThroughMs >= givenUpAtMs(record, guarantee);
}

/** The next instant at which time alone changes something; null when nothing can change any more. */
export function nextWakeMs(record: PromiseRecord, guarantee: Guarantee): InstantMs | null {
  if (record.state === 'final') return null;
  if (record.verdict === null) {
    const breachAtMs = record.dueAtMs + guarantee.evidence.allowanceMs;
    return record.firedThroughMs < record.dueAtMs ? record.dueAtMs : breachAtMs;
  }
  if (record.windowEndMs !== null && record.firedThroughMs < record.windowEndMs) return record.windowEndMs;
  return givenUpAtMs(record, guarantee);
}

/** `completionLimit` counts from due and is never shorter than the correction window. */
function givenUpAtMs(record: PromiseRecord, guarantee: Guarantee): InstantMs {
  return Math.max(record.dueAtMs + guarantee.evidence.completionLimitMs, record.windowEndMs ?? 0);
}
