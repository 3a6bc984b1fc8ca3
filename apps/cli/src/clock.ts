import type { Clock } from '#libs/kernel';
import { SystemClock } from '#libs/clock';

/** The command line waits for processes and draws progress by it; no verdict ever rests on it. */
export const clock: Clock = new SystemClock();

/** How long to wait for something, and what ends the waiting at once. */
export interface Patience {
  readonly withinMs: number;
  readonly signal?: AbortSignal;
}

/**
 * Asks `check` every `everyMs` until it answers something other than null.
 * @returns the answer, or null once `withinMs` have passed or `signal` aborted.
 */
export async function waitFor<T>(
  check: () => T | null | Promise<T | null>,
  options: Patience & { readonly everyMs?: number },
): Promise<T | null> {
  const until = clock.nowMs() + options.withinMs;
  for (;;) {
    const answer = await check();
    if (answer !== null) return answer;
    if (clock.nowMs() >= until || options.signal?.aborted) return null;
    await clock.sleep(options.everyMs ?? 100, options.signal);
  }
}
