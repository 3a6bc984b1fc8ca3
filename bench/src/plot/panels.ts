/* Lines over the time of a run, as SVG: panels one below the other over one axis. */

export const WIDTH = 1_000;
export const LEFT = 74;
export const RIGHT = 20;
export const PANEL = 130;
export const GAP = 44;

export interface Curve {
  readonly name: string;
  /** A colour of SVG. */
  readonly colour: string;
  /** Null: could not be seen at that moment; the line is broken there. */
  readonly points: readonly (readonly [atMs: number, value: number | null])[];
}

/** Where a moment of the run lies in the picture. */
export const placeIn =
  (lengthMs: number) =>
  (atMs: number): number =>
    LEFT + (atMs / lengthMs) * (WIDTH - LEFT - RIGHT);

/** Curves of one unit under their name, from 0 to the highest of them; `top` in the picture's units. */
export function panel(
  name: string,
  top: number,
  x: (atMs: number) => number,
  lengthMs: number,
  curves: readonly Curve[],
): string[] {
  const highest = Math.max(1, ...curves.flatMap(({ points }) => points.map(([, value]) => value ?? 0)));
  const y = (value: number): number => top + PANEL - (value / highest) * PANEL;
  const legend = curves.map(({ name: curve, colour }, i) =>
    text(LEFT + 170 + i * 140, top - 8, `— ${curve}`, 'start', '400', colour),
  );
  return [
    text(LEFT, top - 8, name, 'start', '600'),
    ...legend,
    text(LEFT - 6, top + 9, Math.round(highest).toLocaleString('en'), 'end'),
    text(LEFT - 6, top + PANEL, '0', 'end'),
    `<line x1="${LEFT}" y1="${top + PANEL}" x2="${x(lengthMs).toFixed(1)}" y2="${top + PANEL}" stroke="#a0aec0"/>`,
    ...curves.map(({ colour, points }) => {
      let pen = 'M';
      const path = points.map(([atMs, value]) => {
        if (value === null) {
          pen = 'M';
          return '';
        }
        const step = `${pen}${x(atMs).toFixed(1)} ${y(value).toFixed(1)}`;
        pen = 'L';
        return step;
      });
      return `<path d="${path.join('')}" fill="none" stroke="${colour}" stroke-width="1.2"/>`;
    }),
  ];
}

/** Minutes and seconds of the run below the panels, a dozen marks at most. */
export function axis(y: number, x: (atMs: number) => number, lengthMs: number): string[] {
  const stepMs = STEPS_MS.find((step) => lengthMs / step <= MARKS_MAX) ?? lengthMs;
  const marks: string[] = [];
  for (let atMs = 0; atMs <= lengthMs; atMs += stepMs) marks.push(text(x(atMs), y, clockText(atMs), 'middle'));
  return marks;
}

const MARKS_MAX = 20;
const STEPS_MS = [15_000, 60_000, 300_000, 900_000, 3_600_000];

/** The whole picture. @param height of what is in it. */
export function svg(title: string, height: number, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="11">`,
    `<title>${title}</title>`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

export function text(x: number, y: number, words: string, anchor: string, weight = '400', fill = '#1a202c'): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" font-weight="${weight}" fill="${fill}">${words}</text>`;
}

/** "03:07": minutes and seconds of a run. */
export function clockText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
}
