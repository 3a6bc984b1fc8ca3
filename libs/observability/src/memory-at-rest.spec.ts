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
    const clock: Clock = { nowMs: () => 0, sleep: () => new Promise((resolve) => setTimeout(resolve, 20)) };
    let returnedBytes = 0;
    const stop = returnMemoryAtRest(clock, (beforeBytes, afterBytes) => (returnedBytes = beforeBytes - afterBytes));
    const beforeBytes = process.memoryUsage.rss();
    // Again where V8 has collected it by itself.
    while (returnedBytes === 0) {
      // Old enough to outlive the young generation, and then garbage. What earlier tests left resident is filled first.
      let kept: unknown[][] | null = [];
      while (process.memoryUsage.rss() - beforeBytes < 192 * MIB)
        kept.push(Array.from({ length: 40_000 }, (_, i) => ({ i, text: `promise ${i}` })));
      kept = null;
      await clock.sleep(0);
    }
    expect(returnedBytes).toBeGreaterThan(64 * MIB);
    stop();
  });
});
