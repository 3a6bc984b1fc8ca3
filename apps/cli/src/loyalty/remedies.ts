import { writeFileSync } from 'node:fs';
import { findStack } from '../stack/client.js';
import { count, table } from '../terminal/layout.js';
import type { Terminal } from '../terminal/terminal.js';
import type { StackOptions } from './backtest.js';
import { latenessPicture, type BandPoint } from './lateness-picture.js';

/** What one cell of `GET /reports/remedies` says. */
export interface RemedyCell {
  readonly guarantee: string;
  readonly band: string;
  readonly remedy: string;
  readonly arm: string | null;
  readonly promises: number;
  readonly reviews: number;
  readonly review: number | null;
  readonly oneStarShare: number | null;
  readonly scoreBefore: number;
  readonly scoreAfter: number;
  readonly observed: number;
  readonly boughtAgainShare: number | null;
}

/** `loyalty remedies`: did making good do good? Review, score and repurchase by lateness and remedy. */
export async function loyaltyRemedies(
  options: StackOptions & { readonly svg?: string },
  terminal: Terminal,
): Promise<void> {
  const client = findStack(options);
  const report = await terminal.busy('reading customers', () =>
    client.get<{ readonly asOf: string; readonly cells: readonly RemedyCell[] }>('loyalty', '/reports/remedies'),
  );
  if (options.svg) writeFileSync(options.svg, latenessPicture(bandPoints(report.cells)));
  if (options.json) terminal.json(report);
  else for (const line of remediesText(report.cells)) terminal.line(line);
  if (options.svg) terminal.note(`✓ ${options.svg}`);
}

export function remediesText(cells: readonly RemedyCell[]): string[] {
  const shown = (value: number | null, digits = 2): string => (value === null ? '–' : value.toFixed(digits));
  const rows = cells.map((cell) => [
    cell.guarantee,
    cell.band,
    cell.arm === null ? cell.remedy : `${cell.remedy} (${cell.arm})`,
    count(cell.promises),
    count(cell.reviews),
    shown(cell.review),
    cell.oneStarShare === null ? '–' : `${Math.round(cell.oneStarShare * 100)} %`,
    shown(cell.scoreBefore, 1),
    shown(cell.scoreAfter, 1),
    cell.boughtAgainShare === null ? '–' : `${(cell.boughtAgainShare * 100).toFixed(1)} %`,
  ]);
  return table(
    ['guarantee', 'lateness', 'made good by', 'promises', 'reviews', 'stars', '1 star', 'before', 'after', 'again'],
    rows,
  );
}

/** All remedies of a band together, in the order of the cells. */
export function bandPoints(cells: readonly RemedyCell[]): BandPoint[] {
  const bands = [...new Set(cells.map(({ band }) => band))];
  return bands.map((band) => {
    const own = cells.filter((cell) => cell.band === band);
    const total = (of: (cell: RemedyCell) => number): number => own.reduce((sum, cell) => sum + of(cell), 0);
    const [promises, reviews] = [total((cell) => cell.promises), total((cell) => cell.reviews)];
    return {
      band,
      promises,
      reviews,
      stars: reviews === 0 ? null : total((cell) => (cell.review ?? 0) * cell.reviews) / reviews,
      score: total((cell) => cell.scoreAfter * cell.promises) / promises,
    };
  });
}
