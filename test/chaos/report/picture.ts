import { wordsOf } from '../faults/plan.js';
import type { Inflicted, Outcome } from './outcome.js';
import type { Sample } from './watch.js';
import { clockText } from './text.js';

const WIDTH = 1_000;
const LEFT = 74;
const RIGHT = 20;
const PANEL = 130;
const GAP = 44;
const ROW = 9;
const COLOURS: Readonly<Record<string, string>> = {
  told: '#2b6cb0',
  settled: '#2f855a',
  'sla-timer': '#b7791f',
  compensation: '#6b46c1',
  loyalty: '#c05621',
};

/** What a fault strikes, by the name of its kind; the first that fits. */
const FAULT_COLOURS = [
  { name: 'broker and network', of: /broker|network|cut/, colour: '#dd6b20' },
  { name: 'database', of: /database|sessions|read|disk/, colour: '#805ad5' },
  { name: 'services', of: /service|both|clock/, colour: '#e53e3e' },
] as const;

interface Curve {
  readonly name: string;
  /** Null: could not be seen at that moment; the line is broken there. */
  readonly points: readonly (readonly [atMs: number, value: number | null])[];
}

/** Events, lag and faults of a run over the same time, as SVG. */
export function picture({ faults, samples, title, seed }: Outcome): string {
  const lengthMs = Math.max(1, ...samples.map(({ atMs }) => atMs));
  const x = (atMs: number): number => LEFT + (atMs / lengthMs) * (WIDTH - LEFT - RIGHT);
  const rows = stacked(faults);
  const faultsHeight = Math.max(1, ...rows.map(({ row }) => row + 1)) * ROW + 6;
  const tops = [44, 44 + PANEL + GAP, 44 + 2 * (PANEL + GAP)] as const;
  const bottom = tops[2] + faultsHeight;
  const per = (pick: (sample: Sample) => number): Curve['points'] =>
    samples.slice(1).map((sample, i) => {
      const before = samples[i] as Sample;
      const seconds = Math.max(0.001, (sample.atMs - before.atMs) / 1_000);
      return [sample.atMs, (pick(sample) - pick(before)) / seconds] as const;
    });
  const lagOf = (service: string): Curve => ({
    name: service,
    points: samples.map(({ atMs, lag }) => [atMs, lag?.[service] ?? null] as const),
  });
  const parts = [
    ...panel('per second', tops[0], x, lengthMs, [
      { name: 'told', points: per(({ acknowledged }) => acknowledged) },
      { name: 'settled', points: per(({ verdicts }) => verdicts) },
    ]),
    ...panel('records unread', tops[1], x, lengthMs, ['sla-timer', 'compensation', 'loyalty'].map(lagOf)),
    text(LEFT, tops[2] - 8, 'faults', 'start', '600'),
    ...FAULT_COLOURS.map(({ name, colour }, i) =>
      text(LEFT + 110 + i * 150, tops[2] - 8, `■ ${name}`, 'start', '400', colour),
    ),
    ...rows.map(({ inflicted, row }) => bar(inflicted, tops[2] + row * ROW, x)),
    ...axis(bottom + 14, x, lengthMs),
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${bottom + 26}" font-family="sans-serif" font-size="11">`,
    `<title>${title}, seed ${seed}: events, lag and faults over time</title>`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

function panel(
  name: string,
  top: number,
  x: (atMs: number) => number,
  lengthMs: number,
  curves: readonly Curve[],
): string[] {
  const highest = Math.max(1, ...curves.flatMap(({ points }) => points.map(([, value]) => value ?? 0)));
  const y = (value: number): number => top + PANEL - (value / highest) * PANEL;
  const legend = curves.map(({ name: curve }, i) =>
    text(LEFT + 110 + i * 110, top - 8, `— ${curve}`, 'start', '400', COLOURS[curve]),
  );
  return [
    text(LEFT, top - 8, name, 'start', '600'),
    ...legend,
    text(LEFT - 6, top + 9, String(Math.round(highest)), 'end'),
    text(LEFT - 6, top + PANEL, '0', 'end'),
    `<line x1="${LEFT}" y1="${top + PANEL}" x2="${x(lengthMs).toFixed(1)}" y2="${top + PANEL}" stroke="#a0aec0"/>`,
    ...curves.map(({ name: curve, points }) => {
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
      return `<path d="${path.join('')}" fill="none" stroke="${COLOURS[curve] ?? '#000'}" stroke-width="1.2"/>`;
    }),
  ];
}

/** Each fault in the first row where nothing else goes on at its time. */
function stacked(faults: readonly Inflicted[]): { readonly inflicted: Inflicted; readonly row: number }[] {
  const free: number[] = [];
  return faults.map((inflicted) => {
    const found = free.findIndex((untilMs) => untilMs <= inflicted.fromMs);
    const row = found < 0 ? free.length : found;
    free[row] = Math.max(inflicted.toMs, inflicted.fromMs + 3_000) + 2_000;
    return { inflicted, row };
  });
}

function bar({ fault, fromMs, toMs }: Inflicted, top: number, x: (atMs: number) => number): string {
  const colour = FAULT_COLOURS.find(({ of }) => of.test(fault.kind))?.colour ?? '#4a5568';
  const width = Math.max(3, x(toMs) - x(fromMs));
  const words = fault.kind === 'scenario' ? fault.words : wordsOf(fault);
  return `<rect x="${x(fromMs).toFixed(1)}" y="${top}" width="${width.toFixed(1)}" height="${ROW - 2}" rx="1.5" fill="${colour}"><title>${clockText(fromMs)} ${words}</title></rect>`;
}

function axis(y: number, x: (atMs: number) => number, lengthMs: number): string[] {
  const stepMs = lengthMs > 300_000 ? 60_000 : 15_000;
  const marks: string[] = [];
  for (let atMs = 0; atMs <= lengthMs; atMs += stepMs) marks.push(text(x(atMs), y, clockText(atMs), 'middle'));
  return marks;
}

function text(x: number, y: number, words: string, anchor: string, weight = '400', fill = '#1a202c'): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" font-weight="${weight}" fill="${fill}">${words}</text>`;
}
