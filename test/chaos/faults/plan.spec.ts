import { FAULT_KINDS, planFaults } from './plan.js';

const plan = (seed: number) =>
  planFaults({
    seed,
    lengthMs: 600_000,
    instances: ['intake-1', 'intake-2', 'sla-timer-1', 'sla-timer-2'],
    services: ['intake', 'sla-timer'],
    kinds: FAULT_KINDS,
  });

describe('the plan of faults', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(plan(7)).toEqual(plan(7));
    expect(plan(7)).not.toEqual(plan(8));
  });

  it('gives every kind its turn within ten minutes, all of it within the run', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const faults = plan(seed);
      expect([seed, new Set(faults.map(({ kind }) => kind)).size]).toEqual([seed, FAULT_KINDS.length]);
      expect(faults.every(({ atMs, lastsMs }) => atMs + lastsMs <= 600_000)).toBe(true);
    }
  });
});
