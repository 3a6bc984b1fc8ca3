import { MOTIVATORS, type Motivator } from '../components.js';

/** The motivators of a customer (0..1 each) and whether they stayed. */
export type StayedRow = Readonly<Record<Motivator, number>> & { readonly stayed: boolean };

const STEPS_MAX = 300;
const RATE = 1;
const ENOUGH = 1e-6;

/**
 * Weights of the motivators that best tell who stays: logistic regression whose slopes may not be negative, scaled to sum to
 * one. Null when nothing tells, or too few left or stayed.
 * @param leastOfEach so many must have left, and so many stayed
 */
export function fittedWeights(
  rows: readonly StayedRow[],
  leastOfEach: number,
): Readonly<Record<Motivator, number>> | null {
  const stayed = rows.filter((row) => row.stayed).length;
  if (stayed < leastOfEach || rows.length - stayed < leastOfEach) return null;
  const means = MOTIVATORS.map((name) => rows.reduce((sum, row) => sum + row[name], 0) / rows.length);
  let slopes = MOTIVATORS.map(() => 0);
  let intercept = Math.log(stayed / (rows.length - stayed));
  for (let step = 0; step < STEPS_MAX; step++) {
    const gradient = MOTIVATORS.map(() => 0);
    let ofIntercept = 0;
    for (const row of rows) {
      const z = MOTIVATORS.reduce((sum, name, k) => sum + (slopes[k] ?? 0) * (row[name] - (means[k] ?? 0)), intercept);
      const error = Number(row.stayed) - 1 / (1 + Math.exp(-z));
      ofIntercept += error;
      MOTIVATORS.forEach((name, k) => (gradient[k] = (gradient[k] ?? 0) + error * (row[name] - (means[k] ?? 0))));
    }
    const next = slopes.map((slope, k) => Math.max(0, slope + (RATE * 10 * (gradient[k] ?? 0)) / rows.length));
    const moved = Math.max(...next.map((slope, k) => Math.abs(slope - (slopes[k] ?? 0))));
    slopes = next;
    intercept += (RATE * ofIntercept) / rows.length;
    if (moved < ENOUGH) break;
  }
  const total = slopes.reduce((sum, slope) => sum + slope, 0);
  if (total <= 0) return null;
  return Object.fromEntries(MOTIVATORS.map((name, k) => [name, (slopes[k] ?? 0) / total])) as Record<Motivator, number>;
}
