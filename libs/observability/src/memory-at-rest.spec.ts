import type { Clock } from '#libs/kernel';
import { isWorthReturning, returnMemoryAtRest } from './memory-at-rest.js';

const MIB = 1024 * 1024;

describe('memory at rest', () => {
  it.each([
    [0.2, 164, true],
    [0.21, 164, false],
    [0.2, 163, false],
    [0, 100, false],
    [0, 50, false],
  ])('at %d busy and %d MiB resident, 100 then: %p', (busyShare, residentMiB, expected) => {
    const seen = { busyShare, residentBytes: residentMiB * MIB, residentThenBytes: 100 * MIB };
    expect(isWorthReturning(seen)).toBe(expected);
  });

  it('gives back what a flood left behind', async () => {
    const beforeBytes = process.memoryUsage.rss();
    // Old enough to outlive the young generation, and then garbage. What earlier tests left resident is filled first.
    const flood = (): void => {
      const kept: unknown[][] = [];
      while (process.memoryUsage.rss() - beforeBytes < 192 * MIB)
        kept.push(Array.from({ length: 40_000 }, (_, i) => ({ i, text: `promise ${i}` })));
    };
    // Before each look, since V8 may have collected the last one by itself.
    const sleep = (): Promise<void> => {
      flood();
      return new Promise((resolve) => setTimeout(resolve, 20));
    };
    const clock: Clock = { nowMs: () => 0, sleep };
    const returned = new Promise<number>((resolve) => {
      const stop = returnMemoryAtRest(clock, (seenBytes, leftBytes) => {
        stop();
        resolve(seenBytes - leftBytes);
      });
    });
    expect(await returned).toBeGreaterThan(64 * MIB);
  });
});
