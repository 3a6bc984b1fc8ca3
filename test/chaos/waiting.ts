import { waitFor } from '../../apps/cli/src/clock.js';

/** Asks until there is an answer other than null or false. @throws Error naming `what` when none comes in time. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | null | false> | T | null | false,
  withinMs: number,
): Promise<T> {
  const found = await within(probe, withinMs);
  if (found === null) throw new Error(`waited ${Math.round(withinMs / 1_000)} s in vain for ${what}`);
  return found;
}

/** The same, answering null when none comes in time. */
export function within<T>(
  probe: () => Promise<T | null | false> | T | null | false,
  withinMs: number,
): Promise<T | null> {
  const check = async (): Promise<T | null> => {
    const found = await probe();
    return found === false ? null : found;
  };
  return waitFor(check, { withinMs });
}
