import type { Interval } from './working-calendar.js';

/** The same time as a list in order whose intervals neither overlap nor touch; empty ones are left out. */
export function mergeIntervals(intervals: readonly Interval[]): Interval[] {
  const merged: Interval[] = [];
  const inOrder = intervals.filter(({ fromMs, untilMs }) => untilMs > fromMs).sort((a, b) => a.fromMs - b.fromMs);
  for (const { fromMs, untilMs } of inOrder) {
    const last = merged.at(-1);
    if (last === undefined || fromMs > last.untilMs) merged.push({ fromMs, untilMs });
    else if (untilMs > last.untilMs) merged[merged.length - 1] = { fromMs: last.fromMs, untilMs };
  }
  return merged;
}
