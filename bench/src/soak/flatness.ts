/** Something that is measured over a run, and how much it may grow to be called flat. */
export interface Measure {
  readonly name: string;
  readonly unit: string;
  /** It may grow by so large a share, and by `slack` units on top; null: it is to grow, and is only told. */
  readonly mayGrow: { readonly share: number; readonly slack: number } | null;
}

export interface Course {
  readonly measure: Measure;
  /** Means of the first, the middle and the last tenth of the samples. */
  readonly first: number;
  readonly middle: number;
  readonly last: number;
  readonly slopePerHour: number;
  /** Means of the second and of the last fifth: what is compared. */
  readonly early: number;
  readonly late: number;
  /** null: it is to grow. */
  readonly isFlat: boolean | null;
}

export interface Point {
  readonly atMs: number;
  readonly value: number;
}

const HOUR_MS = 3_600_000;

/** What became of a measure over the run. The second fifth is the yardstick: in the first, caches and pages still fill. */
export function courseOf(measure: Measure, points: readonly Point[]): Course {
  if (points.length === 0) throw new Error(`${measure.name}: nothing was measured`);
  const { mayGrow } = measure;
  const early = meanOf(part(points, 0.2, 0.4));
  const late = meanOf(part(points, 0.8, 1));
  return {
    measure,
    first: meanOf(part(points, 0, 0.1)),
    middle: meanOf(part(points, 0.45, 0.55)),
    last: meanOf(part(points, 0.9, 1)),
    slopePerHour: slopePerMs(points) * HOUR_MS,
    early,
    late,
    isFlat: mayGrow === null ? null : late <= early * (1 + mayGrow.share) + mayGrow.slack,
  };
}

/** From the first share to the second; at least one point. */
function part(points: readonly Point[], from: number, to: number): readonly Point[] {
  const start = Math.min(points.length - 1, Math.floor(from * points.length));
  return points.slice(start, Math.max(start + 1, Math.round(to * points.length)));
}

function meanOf(points: readonly Point[]): number {
  return points.reduce((sum, { value }) => sum + value, 0) / points.length;
}

/** Of the line that lies nearest to all points (least squares); 0 where there is but one moment. */
function slopePerMs(points: readonly Point[]): number {
  const atMs = points.reduce((sum, point) => sum + point.atMs, 0) / points.length;
  const value = meanOf(points);
  let [rise, run] = [0, 0];
  for (const point of points) {
    rise += (point.atMs - atMs) * (point.value - value);
    run += (point.atMs - atMs) ** 2;
  }
  return run === 0 ? 0 : rise / run;
}
