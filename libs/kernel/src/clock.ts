/**
 * The only way a service reads time or waits. Verdicts never depend on it: they follow shard time (docs/adr).
 * Tests and `MAKEGOOD_CLOCK_SKEW_MS` hold it, to show just that.
 */
export interface Clock {
  /** Wall-clock milliseconds since 1970-01-01T00:00:00Z. */
  nowMs(): number;
  /** Resolves after at least `delayMs` milliseconds, or at once when `signal` aborts (it never rejects). */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}
