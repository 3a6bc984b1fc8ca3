import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import * as fc from 'fast-check';
import { adaptMissRate } from './adaptive-miss-rate.js';
import { checkCalibrationCases, type CalibrationCases } from './calibration-cases.js';
import { overpromiseReport, quantile, wilsonBounds } from './overpromise-report.js';
import { planPromise } from './plan-promise.js';
import { promiseCost } from './promise-cost.js';
import { advisePromise, historyNeeded } from './promise-quantile.js';

const SHARED_CASES = resolve(import.meta.dirname, '../../../../../shared/data/loyalty/promise_cases.json');
const TENS = [90, 10, 20, 80, 30, 40, 70, 50, 60];

describe('the shortest honest promise', () => {
  it('covers the wanted share, rounded up to the spoken unit', () => {
    const request = { durations: TENS, reliability: 0.9, spokenUnit: 60 };
    expect(advisePromise(request)).toEqual({ historySize: 9, rank: 9, exact: 90, promise: 120, basis: 'own' });
    expect(advisePromise({ ...request, reliability: 0.5, spokenUnit: 10 }).promise).toBe(50);
  });

  it('falls back on the wider key, or says that too little is known', () => {
    const request = { durations: TENS.slice(1), reliability: 0.9, spokenUnit: 5 };
    expect(advisePromise({ ...request, fallback: 75 })).toMatchObject({ exact: null, promise: 75, basis: 'parent' });
    expect(advisePromise(request)).toMatchObject({ promise: null, basis: 'insufficient' });
    expect([0.5, 0.8, 0.9, 0.95, 0.99].map(historyNeeded)).toEqual([1, 4, 9, 19, 99]);
  });

  it('is kept as often as wanted by one more duration of the same kind, whichever of them comes last', () => {
    const durations = fc.uniqueArray(fc.integer({ min: 1, max: 500 }), { minLength: 12, maxLength: 60 });
    fc.assert(
      fc.property(durations, fc.constantFrom(0.5, 0.8, 0.9), (all, reliability) => {
        const kept = all.filter((last) => {
          const past = all.filter((each) => each !== last);
          return last <= (advisePromise({ durations: past, reliability, spokenUnit: 1 }).promise ?? 0);
        });
        expect(kept.length / all.length).toBeGreaterThanOrEqual(reliability - 1e-12);
      }),
      { seed: 20260101, numRuns: 100 },
    );
  });
});

describe('the adaptive miss rate', () => {
  it('plans for fewer misses after a late one, for more after a kept one, within bounds', () => {
    expect(adaptMissRate(0.1, true)).toBeCloseTo(0.082, 12);
    expect(adaptMissRate(0.1, false)).toBeCloseTo(0.102, 12);
    expect(adaptMissRate(0.001, true)).toBe(0.001);
    expect(adaptMissRate(0.5, false)).toBe(0.5);
  });

  it('brings the share of late ones to the target', () => {
    let rate = 0.5;
    let late = 0;
    for (let i = 0; i < 5000; i++) {
      const isLate = (i * 0.6180339887498949) % 1 < rate; // evenly spread draws
      late += isLate ? 1 : 0;
      rate = adaptMissRate(rate, isLate);
    }
    expect(late / 5000).toBeCloseTo(0.1, 2);
  });
});

describe('the overpromise report', () => {
  const outcomes = (promised: number): { promised: number; actual: number }[] => {
    return Array.from({ length: 100 }, (_, i) => ({ promised, actual: i + 1 }));
  };

  it('says by how much promises are too short, or padded', () => {
    expect(overpromiseReport(outcomes(50), 0.9)).toMatchObject({
      kept: 50,
      gap: 41,
      verdict: 'overpromising',
      enough: true,
    });
    expect(overpromiseReport(outcomes(100), 0.9)).toMatchObject({
      keptRate: 1,
      gap: -9,
      verdict: 'padding',
      medianLateness: 0,
    });
    expect(overpromiseReport(outcomes(90), 0.9)).toMatchObject({
      gap: 1,
      verdict: 'calibrated_or_unknown',
      p90Lateness: 9.1,
    });
    expect(overpromiseReport(outcomes(50).slice(0, 5), 0.9)?.enough).toBe(false);
    expect(overpromiseReport([], 0.9)).toBeNull();
  });

  it('knows its statistics', () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(quantile([], 0.5)).toBe(0);
    expect(wilsonBounds(0, 0)).toEqual([0, 1]);
    const [lower, upper] = wilsonBounds(50, 100);
    expect(lower + upper).toBeCloseTo(1, 12);
    expect(lower).toBeCloseTo(0.4038, 4);
  });
});

describe('a promise planned while the process drifts', () => {
  const outcomes = (actual: number, count: number) => Array.from({ length: count }, () => ({ promised: 30, actual }));
  const plan = { reliability: 0.9, spokenUnit: 5 };

  it('is longer after misses, shorter after a run without, as all keys while its own are too few', () => {
    const mixed = [...Array.from({ length: 40 }, (_, i) => ({ promised: 60, actual: 10 + i }))];
    const calm = planPromise(mixed, plan);
    const shaken = planPromise(
      mixed.map((each) => ({ ...each, promised: 30 })),
      plan,
    );
    expect(calm.missRate).toBeGreaterThan(0.1);
    expect(shaken.missRate).toBeLessThan(0.1);
    expect(shaken.promise ?? Infinity).toBeGreaterThan(calm.promise ?? Infinity);
    expect(planPromise(outcomes(20, 3), { ...plan, fallback: 45 })).toMatchObject({ promise: 45, basis: 'parent' });
    expect(planPromise([], plan)).toEqual({ missRate: expect.closeTo(0.1, 12), promise: null, basis: 'insufficient' });
  });

  it('is kept as often as wanted, though everything takes three times as long from the middle on', () =>
    fc.assert(
      fc.property(fc.infiniteStream(fc.double({ min: 0.001, max: 1, noNaN: true })), (chance) => {
        const seen: { promised: number; actual: number }[] = [];
        for (let n = 0; n < 400; n++) {
          const actual = -Math.log(chance.next().value as number) * (n < 200 ? 10 : 30);
          const promised = planPromise(seen, { reliability: 0.9, spokenUnit: 0.01, fallback: 1_000 }).promise ?? 1_000;
          seen.push({ promised, actual });
        }
        const late = seen.filter(({ promised, actual }) => actual > promised).length / seen.length;
        expect(late).toBeLessThan(0.13);
      }),
      { numRuns: 20 },
    ));
});

describe('what a term costs in loyalty', () => {
  const past = [10, 20, 30, 40, 50, Infinity];
  const about = { tolerance: 10, kind: 'delivery' } as const;

  it('is nothing for what is kept, the loss of the worked case for a tolerance late, and less the longer the term', () => {
    expect(promiseCost([10, 20], 20, about)).toEqual({ promised: 20, keptRate: 1, pointsLost: 0 });
    expect(promiseCost([30], 20, about).pointsLost).toBeCloseTo(6.87, 1); // case 5: 6.86, of a customer with an order
    const costs = [10, 20, 30, 40, 50, 1_000].map((term) => promiseCost(past, term, about).pointsLost);
    expect([...costs].sort((a, b) => b - a)).toEqual(costs);
    expect(costs.at(-1)).toBeGreaterThan(0); // one was never done
    expect(promiseCost([], 20, about)).toEqual({ promised: 20, keptRate: 1, pointsLost: 0 });
  });
});

describe('worked calibration cases', () => {
  it('gives the answers of the shared cases', () => {
    if (!existsSync(SHARED_CASES)) {
      process.stdout.write(`skipped: no ${SHARED_CASES}; the cases above were checked instead\n`);
      return;
    }
    const file = JSON.parse(readFileSync(SHARED_CASES, 'utf8')) as CalibrationCases;
    const { checked, differences } = checkCalibrationCases(file);
    expect(differences).toEqual([]);
    expect(checked).toBeGreaterThanOrEqual(23);
    const wrong = { ...file, minHistory: { '0.9': 10 } };
    expect(checkCalibrationCases(wrong).differences).toHaveLength(1);
  });
});
