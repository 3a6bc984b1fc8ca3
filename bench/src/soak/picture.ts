import { axis, GAP, PANEL, panel, placeIn, svg, type Curve } from '../plot/panels.js';
import type { Sample } from './sampler.js';

const TOP = 44;
const MIB = 1_048_576;
const [BLUE, GREEN, OCHRE, VIOLET] = ['#2b6cb0', '#2f855a', '#b7791f', '#6b46c1'];

/** Memory, disk, lag, latency and CPU over one run, as SVG. */
export function soakPicture(samples: readonly Sample[], title: string): string {
  const lengthMs = Math.max(1, ...samples.map(({ atMs }) => atMs));
  const x = placeIn(lengthMs);
  const curve = (name: string, colour: string, of: (sample: Sample) => number | null): Curve => ({
    name,
    colour,
    points: samples.map((sample) => [sample.atMs, of(sample)] as const),
  });
  const panels: readonly (readonly [string, readonly Curve[]])[] = [
    ['memory, MiB', [curve('resident', BLUE, (s) => s.residentMiB)]],
    ['disk of open state, MiB', [curve('open state', OCHRE, (s) => s.openBytes / MIB)]],
    ['disk of history, MiB', [curve('settled and open', VIOLET, (s) => s.historyBytes / MIB)]],
    ['promises', [curve('open', OCHRE, (s) => s.openPromises), curve('opened so far', VIOLET, (s) => s.allPromises)]],
    ['lag, records', [curve('unread', BLUE, (s) => s.lagRecords)]],
    [
      'latency, ms',
      [
        curve('fact, p50', GREEN, (s) => s.factP50Ms),
        curve('fact, p99', BLUE, (s) => s.factP99Ms),
        curve('breach, p99', OCHRE, (s) => s.breachP99Ms),
      ],
    ],
    [
      'CPU, % of a core',
      [curve('sla-timer', BLUE, (s) => s.cpuShare * 100), curve('database', VIOLET, (s) => s.databaseCpuShare * 100)],
    ],
  ];
  const bottom = TOP + panels.length * (PANEL + GAP);
  return svg(title, bottom, [
    ...panels.flatMap(([name, curves], i) => panel(name, TOP + i * (PANEL + GAP), x, lengthMs, curves)),
    ...axis(bottom - GAP + 18, x, lengthMs),
  ]);
}
