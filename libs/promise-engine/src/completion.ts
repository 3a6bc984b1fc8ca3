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

/** @param fromMs facts before it complete nothing. @param inTimeUntilMs for the share of late pieces. */
export function completionOf(
  guarantee: Guarantee,
  facts: readonly Fact[],
  promise: PromiseView,
  promiseId: string,
  fromMs: InstantMs,
  inTimeUntilMs: InstantMs,
): Completion {
  const count = guarantee.opens.pieces?.evaluate(promise.opening) ?? null;
  if (count !== null) return completionOfPieces(guarantee, facts, promise, promiseId, fromMs, inTimeUntilMs, count);
  for (const fact of facts)
    if (fact.occurredAtMs >= fromMs && tellsKept(guarantee, fact, promise, promiseId)) return { fact, pieces: null };
  return NOT_COMPLETED;
}

const NOT_COMPLETED: Completion = { fact: null, pieces: null };

function tellsKept({ evidence }: Guarantee, fact: Fact, promise: PromiseView, promiseId: string): boolean {
  return matchesAny(evidence.kept, fact, promise) || saidByHand(fact, promiseId) === 'kept';
}

/** Completed by the last of its pieces to be there; of each the earliest fact counts. */
function completionOfPieces(
  guarantee: Guarantee,
  facts: readonly Fact[],
  promise: PromiseView,
  promiseId: string,
  fromMs: InstantMs,
  inTimeUntilMs: InstantMs,
  count: number,
): Completion {
  const first = new Map<string, Fact>();
  for (const fact of facts) {
    if (fact.occurredAtMs < fromMs || !tellsKept(guarantee, fact, promise, promiseId)) continue;
    const pattern = guarantee.evidence.kept.find((each) => matches(each, fact, promise));
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
