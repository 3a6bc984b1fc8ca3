/** One band of lateness: mean review (1 to 5 stars) and mean score (0 to 100) a month later. */
export interface BandPoint {
  readonly band: string;
  readonly promises: number;
  readonly reviews: number;
  readonly stars: number | null;
  readonly score: number;
}

const WIDTH = 860;
const HEIGHT = 420;
const LEFT = 56;
const RIGHT = 56;
const TOP = 56;
const BOTTOM = 96;
const PLOT_HEIGHT = HEIGHT - TOP - BOTTOM;
const STARS = '#3b6ea5';
const SCORE = '#c2571a';
const INK = '#333';

/** Stars as bars, scores as a line over them, band by band: an SVG that needs nothing but itself. */
export function latenessPicture(points: readonly BandPoint[]): string {
  const step = (WIDTH - LEFT - RIGHT) / Math.max(1, points.length);
  const x = (i: number): number => LEFT + step * (i + 0.5);
  const y = (share: number): number => TOP + PLOT_HEIGHT * (1 - share);
  const line = points.map(({ score }, i) => `${x(i).toFixed(1)},${y(score / 100).toFixed(1)}`).join(' ');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" role="img" aria-label="Review and loyalty score by lateness">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    text(LEFT, 24, 'What lateness does: review and loyalty score', { size: 16, anchor: 'start' }),
    text(LEFT, 42, 'bars: mean stars of the reviews (left) · line: mean score a month later (right)', {
      anchor: 'start',
    }),
    ...[0, 1, 2, 3, 4, 5].map((stars) => gridLine(y(stars / 5), String(stars), String(stars * 20))),
    ...points.flatMap((point, i) => bar(point, x(i), y, step)),
    `<polyline points="${line}" fill="none" stroke="${SCORE}" stroke-width="2.5"/>`,
    ...points.map(({ score }, i) => dot(x(i), y(score / 100), score)),
    '</svg>',
    '',
  ].join('\n');
}

function bar({ band, stars, reviews }: BandPoint, x: number, y: (share: number) => number, step: number): string[] {
  const width = step * 0.56;
  const labels = band.split(' ').reduce<string[]>((lines, word) => {
    const last = lines.at(-1);
    if (last !== undefined && `${last} ${word}`.length <= 10) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
    return lines;
  }, []);
  const base = HEIGHT - BOTTOM;
  const words = labels.map((label, i) => text(x, base + 18 + i * 14, label, {}));
  const from = text(x, base + 18 + labels.length * 14, `${reviews} reviews`, { size: 10 });
  if (stars === null) return [...words, from];
  const top = y(stars / 5);
  return [
    `<rect x="${(x - width / 2).toFixed(1)}" y="${top.toFixed(1)}" width="${width.toFixed(1)}" height="${(base - top).toFixed(1)}" fill="${STARS}" opacity="0.8"/>`,
    text(x, base - 8, stars.toFixed(2), { fill: '#fff' }),
    ...words,
    from,
  ];
}

function dot(x: number, y: number, score: number): string {
  return `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="4" fill="${SCORE}"/>${text(x, y - 9, score.toFixed(1), { fill: SCORE })}`;
}

function gridLine(y: number, left: string, right: string): string {
  return (
    `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y.toFixed(1)}" y2="${y.toFixed(1)}" stroke="#ddd"/>` +
    text(LEFT - 8, y + 4, left, { anchor: 'end', fill: STARS }) +
    text(WIDTH - RIGHT + 8, y + 4, right, { anchor: 'start', fill: SCORE })
  );
}

function text(
  x: number,
  y: number,
  words: string,
  { size = 12, anchor = 'middle', fill = INK }: { size?: number; anchor?: string; fill?: string },
): string {
  const halo = fill === SCORE ? ` paint-order="stroke" stroke="#fff" stroke-width="3"` : '';
  const escaped = words.replace(/&/g, '&amp;').replace(/</g, '&lt;');
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" font-size="${size}" text-anchor="${anchor}" fill="${fill}"${halo}>${escaped}</text>`;
}
