import { ValueError } from './amount.js';

/** Longest list that a loop of an expression walks. */
export const LIST_LENGTH_MAX = 1_000;

/** @throws ValueError when a list below `value` is longer than any loop may walk. */
export function checkListSizes(value: unknown): void {
  const waiting: unknown[] = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next !== 'object' || next === null) continue;
    if (Array.isArray(next) && next.length > LIST_LENGTH_MAX) {
      throw new ValueError(`lists of at most ${LIST_LENGTH_MAX} elements were expected`);
    }
    waiting.push(...Object.values(next));
  }
}
