import type { PromiseState, Verdict } from '#libs/contracts';
import { UNMOVED, type ComputedDue, type FactPattern, type Guarantee } from '#libs/guarantees';
import type { InstantMs } from '#libs/kernel';
import type { Fact } from './subject-state.js';

/** What the facts say of one promise, given which instants have passed. */
export interface Judgement {
  readonly state: PromiseState;
  readonly verdict: Verdict | null;
  readonly opening: Fact;
  readonly openedAtMs: InstantMs;
  readonly dueAtMs: InstantMs;
  readonly dueExplanation: string;
  /** The kept fact that decides, in time or late. */
  readonly completion: Fact | null;
  /** The cancellation that decides, or that ended a breach's accrual. */
  readonly cancellation: Fact | null;
  readonly completedAtMs: InstantMs | null;
  /** Exact once completed late; null otherwise. */
  readonly latenessMs: number | null;
}

export interface Passed {
  /** Instants up to and including this one have passed. */
  readonly throughMs: InstantMs;
  /** Facts received later change nothing but an outstanding completion; null: no verdict has fallen yet. */
  readonly windowEndMs: InstantMs | null;
}

export function matches(pattern: FactPattern, fact: Fact): boolean {
  return pattern.on === fact.type && (pattern.when === null || pattern.when.evaluate(fact));
}

function firstOf(
  patterns: readonly FactPattern[],
  ordered: readonly Fact[],
  counts: (fact: Fact) => boolean,
): Fact | null {
  return ordered.find((fact) => counts(fact) && patterns.some((pattern) => matches(pattern, fact))) ?? null;
}

/**
 * The fold: facts in order (see inOrder) and an opening among them give the verdict, whatever the order of arrival.
 * Of kept and cancelled the earliest decides (at the same instant: cancelled); due is inclusive; a cancellation after
 * due undoes no breach.
 */
export function judge(guarantee: Guarantee, opening: Fact, ordered: readonly Fact[], passed: Passed): Judgement {
  const { evidence } = guarantee;
  const due = guarantee.due.compute(opening, UNMOVED) as ComputedDue;
  const { dueAtMs } = due;
  const dueExplanation = due.explain();
  const openedAtMs = opening.occurredAtMs;
  const inWindow = (fact: Fact): boolean => passed.windowEndMs === null || fact.receivedAtMs <= passed.windowEndMs;
  const onlyAfterOpening = evidence.keptAfter === 'opened' || guarantee.opens.cycle !== null;
  const kept = firstOf(
    evidence.kept,
    ordered,
    (fact) => (inWindow(fact) || fact.occurredAtMs > dueAtMs) && !(onlyAfterOpening && fact.occurredAtMs < openedAtMs),
  );
  const cancellation = firstOf(evidence.cancelled, ordered, inWindow);
  const facts = { opening, openedAtMs, dueAtMs, dueExplanation, cancellation };
  const cancelledFirst = cancellation !== null && (kept === null || cancellation.occurredAtMs <= kept.occurredAtMs);
  const open = { completion: null, completedAtMs: null, latenessMs: null };
  if (cancelledFirst && cancellation.occurredAtMs <= dueAtMs)
    return { ...facts, ...open, state: 'cancelled', verdict: 'cancelled' };
  if (kept !== null && !cancelledFirst && kept.occurredAtMs <= dueAtMs) {
    return {
      ...facts,
      state: 'kept',
      verdict: 'kept',
      completion: kept,
      completedAtMs: kept.occurredAtMs,
      latenessMs: null,
    };
  }
  if (passed.throughMs >= dueAtMs + evidence.allowanceMs) {
    if (kept === null || cancelledFirst) return { ...facts, ...open, state: 'breached', verdict: 'breached' };
    const latenessMs = kept.occurredAtMs - dueAtMs;
    return {
      ...facts,
      state: 'completed-late',
      verdict: 'breached',
      completion: kept,
      completedAtMs: kept.occurredAtMs,
      latenessMs,
    };
  }
  return { ...facts, ...open, state: passed.throughMs >= dueAtMs ? 'overdue' : 'open', verdict: null };
}
