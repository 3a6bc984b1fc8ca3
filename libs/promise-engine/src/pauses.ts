import type { Guarantee, PausePattern, PromiseView } from '#libs/guarantees';
import type { InstantMs } from '#libs/kernel';
import { matches } from './counted-facts.js';
import type { Fact } from './subject-state.js';

/** A stretch in which the clock stands, or which costs business days. */
export interface Pause {
  readonly fromMs: InstantMs;
  /** Its end; for one that nothing has ended yet the latest that it can have. */
  readonly untilMs: InstantMs;
  /** Nothing has ended it yet but time will. */
  readonly isOpen: boolean;
  readonly reason: string;
  readonly effect: PausePattern['effect'];
}

/** The pauses that the facts tell of, each as told: overlaps are for the clock to merge. */
export function pausesOf(guarantee: Guarantee, facts: readonly Fact[], promise: PromiseView): Pause[] {
  return guarantee.evidence.paused.flatMap((pattern) => pausesUnder(pattern, facts, promise));
}

/** Of each key one pause at a time: what ends it has its key. */
function pausesUnder(pattern: PausePattern, facts: readonly Fact[], promise: PromiseView): Pause[] {
  const pauses: Pause[] = [];
  const openers = new Map<string | null, Fact>();
  const end = (key: string | null, opener: Fact, endMs: InstantMs | null): void => {
    const latestMs = opener.occurredAtMs + pattern.maxPauseMs;
    pauses.push({
      fromMs: opener.occurredAtMs,
      untilMs: Math.min(endMs ?? latestMs, latestMs),
      isOpen: endMs === null,
      reason: pattern.reason?.evaluate(opener, promise) ?? opener.type,
      effect: pattern.effect,
    });
    openers.delete(key);
  };
  const keyOf = (fact: Fact): string | null => pattern.key?.evaluate(fact, promise) ?? null;
  for (const fact of facts) {
    const isEnd = openers.size > 0 && pattern.until.some((until) => matches(until, fact, promise));
    const ended = isEnd ? openers.get(keyOf(fact)) : undefined;
    if (ended !== undefined) end(keyOf(fact), ended, fact.occurredAtMs);
    else if (matches(pattern, fact, promise)) {
      const key = keyOf(fact);
      const opener = openers.get(key);
      // One that ran into its limit is over: the next start is another pause.
      if (opener !== undefined && fact.occurredAtMs >= opener.occurredAtMs + pattern.maxPauseMs) end(key, opener, null);
      if (!openers.has(key)) openers.set(key, fact);
    }
  }
  for (const [key, opener] of openers) end(key, opener, null);
  return pauses.filter(({ untilMs }) => untilMs > promise.openedAtMs);
}
