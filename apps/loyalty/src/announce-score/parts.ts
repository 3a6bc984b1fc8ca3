/** Points are told in millionths: the same bytes whatever the machine's last bits. */
export const MICRO = 1_000_000;

export interface Part {
  readonly part: string;
  readonly points: number;
}

export function toMicro(points: number): number {
  return Math.round(points * MICRO);
}

export function fromMicro(micro: number): number {
  return micro / MICRO + 0; // + 0: never −0
}

/**
 * Parts in millionths of a point that sum exactly to `deltaMicro`. `rest` names what the given causes do not explain; where
 * that is only their rounding, the largest cause takes it. Largest first; parts of nothing are left out.
 */
export function exactParts(causes: Readonly<Record<string, number>>, deltaMicro: number, rest: string): Part[] {
  const bySize = (a: { part: string; micro: number }, b: { part: string; micro: number }): number =>
    Math.abs(b.micro) - Math.abs(a.micro) || (a.part < b.part ? -1 : 1);
  const known = Object.entries(causes)
    .map(([part, points]) => ({ part, micro: toMicro(points) }))
    .sort(bySize);
  const unexplained = deltaMicro - known.reduce((sum, { micro }) => sum + micro, 0);
  const [largest] = known;
  if (largest && Math.abs(unexplained) <= known.length) largest.micro += unexplained;
  else known.push({ part: rest, micro: unexplained });
  return known
    .filter(({ micro }) => micro !== 0)
    .sort(bySize)
    .map(({ part, micro }) => ({ part, points: fromMicro(micro) }));
}
