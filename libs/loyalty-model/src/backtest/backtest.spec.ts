import * as fc from 'fast-check';
import { componentsOf } from '../components.js';
import { emptyState } from '../evolve.js';
import { churnRiskOf } from '../tiers.js';
import { backtest, type BacktestRow } from './backtest.js';
import { areaUnderCurve, deciles, type Prediction } from './ranking.js';
import { fittedWeights, type StayedRow } from './weights.js';

const prediction = fc.record({ predicted: fc.integer({ min: 0, max: 5 }), happened: fc.boolean() });

/** By definition: every pair of one and the other. */
function byPairs(predictions: readonly Prediction[]): number | null {
  let [won, pairs] = [0, 0];
  for (const a of predictions.filter(({ happened }) => happened)) {
    for (const b of predictions.filter(({ happened }) => !happened)) {
      pairs += 1;
      won += a.predicted > b.predicted ? 1 : a.predicted === b.predicted ? 0.5 : 0;
    }
  }
  return pairs === 0 ? null : won / pairs;
}

describe('the area under the curve', () => {
  it('is the share of pairs in the right order', () => {
    fc.assert(
      fc.property(fc.array(prediction, { maxLength: 40 }), (predictions) => {
        const [found, expected] = [areaUnderCurve(predictions), byPairs(predictions)];
        if (expected === null) expect(found).toBeNull();
        else expect(found).toBeCloseTo(expected, 12);
      }),
    );
  });
});

describe('deciles', () => {
  it('hold everybody once, from low to high', () => {
    fc.assert(
      fc.property(fc.array(prediction, { minLength: 1, maxLength: 60 }), (predictions) => {
        const parts = deciles(predictions);
        expect(parts.reduce((sum, { count }) => sum + count, 0)).toBe(predictions.length);
        const means = parts.map(({ predicted }) => predicted);
        expect(means).toEqual([...means].sort((a, b) => a - b));
      }),
    );
  });
});

describe('suggested weights', () => {
  const row = (experience: number, behaviour: number, stayed: boolean): StayedRow => ({
    experience,
    behaviour,
    voice: 0.5,
    relationship: 1 - experience,
    stayed,
  });

  it('go to what tells who stays, never below zero, and sum to one', () => {
    const rows = Array.from({ length: 400 }, (_, i) => {
      const good = i % 2 === 0;
      return row(
        ((i * 7) % 100) / 100,
        good ? 0.6 + ((i * 3) % 40) / 100 : ((i * 3) % 60) / 100,
        good !== (i % 10 === 0),
      );
    });
    const weights = fittedWeights(rows, 100);
    expect(weights?.behaviour).toBeGreaterThan(0.8);
    expect(Object.values(weights ?? {}).every((weight) => weight >= 0)).toBe(true);
    expect(Object.values(weights ?? {}).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
  });

  it('are not guessed from too few', () => {
    expect(fittedWeights([row(1, 1, true), row(0, 0, false)], 2)).toBeNull();
  });
});

describe('a back-test', () => {
  const base = componentsOf(emptyState());
  const rows: BacktestRow[] = Array.from({ length: 100 }, (_, i) => {
    const trust = (i + 1) / 100;
    return { components: { ...base, trust }, stayed: i >= 50 };
  });

  it('says how well risk and score told who stayed, and what each component was worth', () => {
    const result = backtest(rows);
    expect(result).toMatchObject({
      customers: 100,
      churned: 50,
      areaUnderCurve: 1,
      scoreAreaUnderCurve: 1,
      suggestedWeights: null,
    });
    expect(result.lift).toMatchObject({ trust: 0.5, experience: 0, voice: 0 });
    expect(result.calibration.at(-1)?.predicted).toBeCloseTo(
      rows.slice(0, 10).reduce((sum, { components }) => sum + churnRiskOf(components), 0) / 10,
      9,
    );
    expect(result.calibration.map(({ happened }) => happened)).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
  });

  it('does not hang on the order of its rows', () => {
    expect(backtest([...rows].reverse())).toEqual(backtest(rows));
  });
});
