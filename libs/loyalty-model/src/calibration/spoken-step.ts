const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Terms are spoken in steps: of five minutes below two hours, of hours below two days, of days beyond. */
export function spokenStepMs(durationsMs: readonly number[]): number {
  const sorted = [...durationsMs].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  if (median < 2 * HOUR_MS) return 5 * MINUTE_MS;
  return median < 2 * DAY_MS ? HOUR_MS : DAY_MS;
}
