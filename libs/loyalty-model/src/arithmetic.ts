/** `value` held between `lowest` and `highest`. */
export function clamp(value: number, lowest: number, highest: number): number {
  return value < lowest ? lowest : value > highest ? highest : value;
}

/** What is left of 1 after `elapsed`, when half is lost every `halfLife` (same unit). */
export function decay(elapsed: number, halfLife: number): number {
  return 2 ** (-elapsed / halfLife);
}

/** 0 for a count of 0, ½ for 2, towards 1: the first few count most. */
export function saturating(count: number): number {
  return 1 - 2 ** (-count / 2);
}

/** How many of `times` lie at most `window` before `now`. */
export function countSince(times: readonly number[], now: number, window: number): number {
  return times.filter((time) => now - time <= window).length;
}

export function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
