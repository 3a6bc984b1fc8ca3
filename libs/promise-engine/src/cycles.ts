import { UNMOVED } from '#libs/guarantees';
import { mergeIntervals } from '#libs/calendar';
import type { InstantMs } from '#libs/kernel';
import { matches } from './counted-facts.js';
import type { Opening } from './openings.js';
import { pausesOf } from './pauses.js';
import type { Fact } from './subject-state.js';

/**
 * Openings of one guarantee walked in order: one that comes while the cycle before it is open belongs to that cycle,
 * one after its end is a reopening, which the guarantee ignores, continues or begins anew.
 */
export function walkCycles(openings: readonly Opening[], facts: readonly Fact[]): Opening[] {
  const [first, ...rest] = openings as [Opening, ...Opening[]];
  const cycles = [first];
  let current = first;
  for (const opening of rest) {
    const endMs = endOf(current, facts);
    if (endMs === null || opening.fact.occurredAtMs <= endMs) continue;
    const { onReopen, debounceMs } = opening.guarantee.opens;
    if (onReopen === 'ignore') continue;
    const reopenedMs = opening.fact.occurredAtMs;
    const againMs = endOf(opening, facts);
    if (debounceMs > 0 && againMs !== null && againMs <= reopenedMs + debounceMs) continue;
    const spentMs = onReopen === 'continue' ? current.spentMs + usedMs(current, endMs, facts) : 0;
    current = { ...opening, spentMs, notBeforeMs: debounceMs === 0 ? 0 : reopenedMs + debounceMs };
    cycles.push(current);
  }
  return cycles;
}

/** The first fact at or after the opening that keeps or cancels it. */
function endOf({ guarantee, fact }: Opening, facts: readonly Fact[]): InstantMs | null {
  const promise = { opening: fact, openedAtMs: fact.occurredAtMs, dueAtMs: fact.occurredAtMs };
  const patterns = [...guarantee.evidence.kept, ...guarantee.evidence.cancelled];
  const end = facts.find(
    (each) => each.occurredAtMs >= fact.occurredAtMs && patterns.some((pattern) => matches(pattern, each, promise)),
  );
  return end?.occurredAtMs ?? null;
}

function usedMs({ guarantee, fact }: Opening, endMs: InstantMs, facts: readonly Fact[]): number {
  const due = guarantee.due.compute(fact, UNMOVED);
  const promise = { opening: fact, openedAtMs: fact.occurredAtMs, dueAtMs: due?.dueAtMs ?? endMs };
  const pauses = pausesOf(guarantee, facts, promise).filter(({ effect }) => effect === 'clock');
  return guarantee.due.usedMs(fact.occurredAtMs, endMs, mergeIntervals(pauses), fact);
}
