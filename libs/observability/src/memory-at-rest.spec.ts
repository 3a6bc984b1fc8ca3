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
    let stop = (): void => undefined;
    const returned = new Promise<number>((resolve) => {
      stop = returnMemoryAtRest(clock, (beforeBytes, afterBytes) => resolve(beforeBytes - afterBytes));
    });
    // Old enough to outlive the young generation, and then garbage.
    let kept: unknown[][] | null = [];
    for (let round = 0; round < 40; round++)
      kept.push(Array.from({ length: 40_000 }, (_, i) => ({ round, i, text: `promise ${round} ${i}` })));
    kept = null;
    expect(await returned).toBeGreaterThan(64 * MIB);
    stop();
  });
});
