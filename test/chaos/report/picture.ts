import { wordsOf } from '../faults/plan.js';
import type { Inflicted, Outcome } from './outcome.js';
import type { Sample } from './watch.js';
import { axis, GAP, LEFT, PANEL, panel, placeIn, svg, text, type Curve } from '../../../bench/src/plot/panels.js';
import { clockText } from './text.js';

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

/** Events, lag and faults of a run over the same time, as SVG. */
export function picture({ faults, samples, title, seed }: Outcome): string {
  const lengthMs = Math.max(1, ...samples.map(({ atMs }) => atMs));
  const x = placeIn(lengthMs);
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
    colour: colourOf(service),
    points: samples.map(({ atMs, lag }) => [atMs, lag?.[service] ?? null] as const),
  });
  const parts = [
    ...panel('per second', tops[0], x, lengthMs, [
      { name: 'told', colour: colourOf('told'), points: per(({ acknowledged }) => acknowledged) },
      { name: 'settled', colour: colourOf('settled'), points: per(({ verdicts }) => verdicts) },
    ]),
    ...panel('records unread', tops[1], x, lengthMs, ['sla-timer', 'compensation', 'loyalty'].map(lagOf)),
    text(LEFT, tops[2] - 8, 'faults', 'start', '600'),
    ...FAULT_COLOURS.map(({ name, colour }, i) =>
      text(LEFT + 110 + i * 150, tops[2] - 8, `■ ${name}`, 'start', '400', colour),
    ),
    ...rows.map(({ inflicted, row }) => bar(inflicted, tops[2] + row * ROW, x)),
    ...axis(bottom + 14, x, lengthMs),
  ];
  return svg(`${title}, seed ${seed}: events, lag and faults over time`, bottom + 26, parts);
}

function colourOf(name: string): string {
  return COLOURS[name] ?? '#000';
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
