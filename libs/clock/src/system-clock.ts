import type { Clock } from '#libs/kernel';

/** The real clock, with an optional skew so that tests can show that no verdict depends on it. */
export class SystemClock implements Clock {
  constructor(private readonly skewMs: number = 0) {}

  nowMs(): number {
    return Date.now() + this.skewMs;
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, delayMs);
      signal?.addEventListener('abort', done);
    });
  }
}

/** For the libraries that want a timer of their own; nothing of ours hangs a deadline on one. */
export function scheduleTimer(work: () => void, delayMs: number): NodeJS.Timeout {
  return setTimeout(work, delayMs);
}
