import { PROCESSES, type ProcessName, type WholeRun } from './run-whole.js';
import { compareRuns, wholeTable } from './whole.js';

const run = (eventsPerSecond: number, us: number): WholeRun => ({
  eventsPerSecond,
  elapsedMs: 1_000,
  cpuUs: Object.fromEntries(PROCESSES.map((name) => [name, us])) as Record<ProcessName, number>,
  told: {} as WholeRun['told'],
});

describe('product and floor compared', () => {
  const compared = compareRuns([
    { product: run(4_000, 30), floor: run(10_000, 15) },
    { product: run(6_000, 20), floor: run(10_000, 10) },
    { product: run(2_000, 60), floor: run(10_000, 20) },
  ]);

  it('takes the median of the rounds, and leaves the generator out of the CPU', () => {
    expect(compared).toMatchObject({ ratio: 0.4, ratioCpu: 0.5 });
    expect(compared.product.eventsPerSecond).toBe(4_000);
    expect(compared.product.cpuUs.intake).toBe(30);
  });

  it('has a row for each', () => {
    expect(wholeTable(compared).map((line) => line.split(/ {2,}/)[0])).toEqual([
      'whole, CPU in µs/event',
      'four services',
      'floor',
    ]);
  });
});
