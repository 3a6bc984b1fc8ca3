import { setTimeout as sleep } from 'node:timers/promises';

/** Asks until the answer is true. @throws after `withinMs`, naming what was waited for. */
export async function waitUntil(
  check: () => Promise<boolean>,
  what: string,
  withinMs = 60_000,
  everyMs = 50,
): Promise<void> {
  const untilMs = performance.now() + withinMs;
  while (!(await check())) {
    if (performance.now() > untilMs) throw new Error(`waited ${withinMs / 1_000} s in vain until ${what}`);
    await sleep(everyMs);
  }
}
