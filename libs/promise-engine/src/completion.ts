import type { Guarantee, PromiseView } from '#libs/guarantees';
import type { InstantMs } from '#libs/kernel';
import { saidByHand } from './by-hand.js';
import { matches, matchesAny } from './counted-facts.js';
import type { Fact } from './subject-state.js';

/** The fact that completed the promise: the earliest, or of several pieces the one that was last to be there. */
export interface Completion {
  readonly fact: Fact | null;
  readonly pieces: Pieces | null;
}

export interface Pieces {
  readonly count: number;
  readonly completed: number;
  /** Those completed after the instant up to which the promise could be kept; missing ones are not among them. */
  readonly late: number;
}

/**
 * @param counts whether a fact may complete at all (window, opening). @param inTimeUntilMs for the share of late pieces.
 */
export function completionOf(
  guarantee: Guarantee,
  facts: readonly Fact[],
  promise: PromiseView,
  promiseId: string,
  counts: (fact: Fact) => boolean,
  inTimeUntilMs: InstantMs,
): Completion {
  const { kept } = guarantee.evidence;
  const tells = (fact: Fact): boolean =>
    (matchesAny(kept, fact, promise) || saidByHand(fact, promiseId) === 'kept') && counts(fact);
  const count = guarantee.opens.pieces?.evaluate(promise.opening) ?? null;
  if (count === null) return { fact: facts.find(tells) ?? null, pieces: null };
  const first = new Map<string, Fact>();
  for (const fact of facts) {
    if (!tells(fact)) continue;
    const pattern = kept.find((each) => matches(each, fact, promise));
    const piece = pattern?.piece?.evaluate(fact, promise) ?? fact.id;
    if (!first.has(piece)) first.set(piece, fact);
  }
  const there = [...first.values()].slice(0, count);
  const late = there.filter(({ occurredAtMs }) => occurredAtMs > inTimeUntilMs).length;
  return {
    fact: there.length >= count ? (there.at(-1) ?? null) : null,
    pieces: { count, completed: there.length, late },
  };
}
