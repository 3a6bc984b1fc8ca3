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

function pausesUnder(pattern: PausePattern, facts: readonly Fact[], promise: PromiseView): Pause[] {
  const pauses: Pause[] = [];
  let start: Fact | null = null;
  const end = (opener: Fact, endMs: InstantMs | null): void => {
    const latestMs = opener.occurredAtMs + pattern.maxPauseMs;
    pauses.push({
      fromMs: opener.occurredAtMs,
      untilMs: Math.min(endMs ?? latestMs, latestMs),
      isOpen: endMs === null,
      reason: pattern.reason?.evaluate(opener, promise) ?? opener.type,
      effect: pattern.effect,
    });
    start = null;
  };
  for (const fact of facts) {
    const opener: Fact | null = start;
    if (opener !== null && pattern.until.some((until) => matches(until, fact, promise))) end(opener, fact.occurredAtMs);
    else if (matches(pattern, fact, promise)) {
      // One that ran into its limit is over: the next start is another pause.
      if (opener !== null && fact.occurredAtMs >= (opener as Fact).occurredAtMs + pattern.maxPauseMs) end(opener, null);
      start ??= fact;
    }
  }
  if (start !== null) end(start, null);
  return pauses.filter(({ untilMs }) => untilMs > promise.openedAtMs);
}
