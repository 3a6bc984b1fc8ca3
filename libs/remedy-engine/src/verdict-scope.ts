import type { PromiseEventData } from '#libs/contracts';
import { EvaluationError, type Claim, type Guarantee, type VerdictScope } from '#libs/guarantees';
import { parseInstant, type InstantMs } from '#libs/kernel';

const DAY_MS = 86_400_000;

/** How late a promise is, as its guarantee tells it. */
export interface Lateness {
  readonly latenessMs: number;
  /** Whole days, where the guarantee counts days. */
  readonly days: number | null;
}

/** What the expressions of the remedies see of a verdict. @throws EvaluationError */
export function scopeOf(guarantee: Guarantee, verdict: PromiseEventData, claim: Claim | null): VerdictScope {
  const at = (text: string | undefined): InstantMs | null => (text === undefined ? null : instant(guarantee, text));
  const decidedAtMs = instant(guarantee, verdict.decidedAt);
  const scope: VerdictScope = {
    base: verdict.base,
    facts: verdict.facts,
    latenessMs: null,
    latenessDays: null,
    openedAtMs: instant(guarantee, verdict.openedAt),
    dueAtMs: instant(guarantee, verdict.dueAt),
    decidedAtMs,
    completedAtMs: at(verdict.completedAt),
    cancelledAtMs: at(verdict.cancelledAt),
    failed: verdict.failedAt !== undefined,
    rescheduled: verdict.firstDueAt === undefined ? 0 : 1,
    excuse: verdict.excuse ?? null,
    pieces: verdict.pieces ?? null,
    pauses: (verdict.pauses ?? []).map(({ from, until, reason }) => ({
      fromMs: instant(guarantee, from),
      untilMs: at(until) ?? decidedAtMs,
      reason,
    })),
    claim,
  };
  const clock = { ...scope, latenessMs: clockLatenessMs(guarantee, verdict, scope) };
  const lateness = latenessOf(guarantee, clock);
  return { ...clock, latenessMs: lateness?.latenessMs ?? null, latenessDays: lateness?.days ?? null };
}

/**
 * How late a promise was, kept or missed, as its guarantee tells it. null where that has no clock: not completed, or
 * what keeps it is no moment but a measure (the same events say kept and failed).
 */
export function latenessTold(guarantee: Guarantee, verdict: PromiseEventData): Lateness | null {
  const scope = scopeOf(guarantee, verdict, null);
  const { kept, failed } = guarantee.evidence;
  const told = kept.filter(({ on }) => verdict.evidence.some(({ type }) => type === on));
  const isMeasured = (told.length === 0 ? kept : told).every(({ on }) => failed.some((each) => each.on === on));
  if (scope.latenessMs === null || (isMeasured && scope.latenessDays === null)) return null;
  return { latenessMs: scope.latenessMs, days: scope.latenessDays };
}

/**
 * By the clock: exact once completed; to the cancellation that ended an open breach; and where bands are settled, what
 * an open breach is late by at least.
 */
function clockLatenessMs(guarantee: Guarantee, verdict: PromiseEventData, scope: VerdictScope): number | null {
  if (verdict.latenessMs !== undefined) return verdict.latenessMs;
  const { completedAtMs, cancelledAtMs, dueAtMs } = scope;
  if (completedAtMs !== null) return Math.max(completedAtMs - dueAtMs, 0);
  if (cancelledAtMs !== null && cancelledAtMs > dueAtMs) return cancelledAtMs - dueAtMs;
  return guarantee.remedyTerms.settle === 'bands' ? (verdict.lateSoFarMs ?? null) : null;
}

/** As the guarantee tells it: in days, from another moment than due, or by the clock. null: not known. */
function latenessOf(guarantee: Guarantee, scope: VerdictScope): Lateness | null {
  const term = guarantee.remedyTerms.lateness.find(({ when }) => when === null || when.evaluate(scope));
  const byClock = scope.latenessMs === null ? null : { latenessMs: scope.latenessMs, days: null };
  if (term === undefined) return byClock;
  if (term.days !== null) {
    if (term.days.needsLateness === true && scope.completedAtMs === null) return byClock;
    const days = term.days.evaluate(scope);
    return { latenessMs: days * DAY_MS, days };
  }
  const fromMs = term.from?.evaluate(scope) ?? null;
  if (fromMs === null || scope.latenessMs === null) return byClock;
  // The same end as by the clock, counted from the other moment.
  const endMs = scope.completedAtMs ?? scope.dueAtMs + scope.latenessMs;
  return { latenessMs: Math.max(endMs - fromMs, 0), days: null };
}

function instant(guarantee: Guarantee, text: string): InstantMs {
  const instantMs = parseInstant(text);
  if (instantMs === null)
    throw new EvaluationError('a promise event holds an instant that is none', guarantee.due.place);
  return instantMs;
}
