export interface Minimum {
  readonly point: readonly number[];
  readonly value: number;
  readonly evaluations: number;
  /** The simplex shrank below the tolerances before the evaluations ran out. */
  readonly converged: boolean;
}

export interface SearchLimits {
  /** Edge of the first simplex. */
  readonly step: number;
  /** Stop when the simplex is this small, in both point and value. */
  readonly pointTolerance: number;
  readonly valueTolerance: number;
  readonly evaluationsAtMost: number;
}

export const USUAL_LIMITS: SearchLimits = {
  step: 0.5,
  pointTolerance: 1e-6,
  valueTolerance: 1e-7,
  evaluationsAtMost: 2_000,
};

interface Vertex {
  readonly point: readonly number[];
  readonly value: number;
}

/** Nelder and Mead's downhill simplex (1965) with the usual coefficients; needs no derivatives. */
export function minimise(
  objective: (point: readonly number[]) => number,
  start: readonly number[],
  limits: SearchLimits = USUAL_LIMITS,
): Minimum {
  let evaluations = 0;
  const measure = (point: readonly number[]): Vertex => {
    evaluations += 1;
    const value = objective(point);
    return { point, value: Number.isNaN(value) ? Infinity : value };
  };
  let simplex = [measure(start), ...start.map((_, axis) => measure(moved(start, axis, limits.step)))];
  let converged = false;
  for (;;) {
    simplex.sort((a, b) => a.value - b.value);
    converged = isSmall(simplex, limits);
    if (converged || evaluations >= limits.evaluationsAtMost) break;
    simplex = improved(simplex, measure);
  }
  const best = simplex[0] as Vertex;
  return { ...best, evaluations, converged };
}

/** One step on a simplex sorted from best to worst: the worst vertex moves through the middle of the others, or all shrink. */
function improved(simplex: readonly Vertex[], measure: (point: readonly number[]) => Vertex): Vertex[] {
  const others = simplex.slice(0, -1);
  const [best, worst, nextWorst] = [simplex[0], simplex.at(-1), simplex.at(-2)] as [Vertex, Vertex, Vertex];
  const middle = best.point.map((_, axis) => others.reduce((sum, v) => sum + (v.point[axis] ?? 0), 0) / others.length);
  const along = (share: number): Vertex => measure(between(middle, worst.point, share));

  const reflected = along(-1);
  if (reflected.value < best.value) {
    const expanded = along(-2);
    return [...others, expanded.value < reflected.value ? expanded : reflected];
  }
  if (reflected.value < nextWorst.value) return [...others, reflected];
  const contracted = reflected.value < worst.value ? along(-0.5) : along(0.5);
  if (contracted.value < Math.min(reflected.value, worst.value)) return [...others, contracted];
  return [best, ...simplex.slice(1).map((vertex) => measure(between(best.point, vertex.point, 0.5)))];
}

function between(from: readonly number[], to: readonly number[], share: number): number[] {
  return from.map((value, axis) => value + share * ((to[axis] ?? 0) - value));
}

function moved(point: readonly number[], axis: number, step: number): number[] {
  return point.map((value, i) => (i === axis ? value + step : value));
}

function isSmall(simplex: readonly Vertex[], limits: SearchLimits): boolean {
  const best = simplex[0] as Vertex;
  return simplex.every(
    (vertex) =>
      Math.abs(vertex.value - best.value) <= limits.valueTolerance &&
      vertex.point.every((value, axis) => Math.abs(value - (best.point[axis] ?? 0)) <= limits.pointTolerance),
  );
}
