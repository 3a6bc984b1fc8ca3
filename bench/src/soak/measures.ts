import type { Course, Measure, Point } from './flatness.js';
import type { Sample } from './sampler.js';

interface Measured extends Measure {
  readonly of: (sample: Sample) => number | null;
}

const MIB = 1_048_576;
const flat = (share: number, slack: number) => ({ share, slack });

/** What an hour of the same load must not move, and what it must. A second's load of lag is noise, not growth. */
export function measuresAt(factsPerSecond: number): readonly Measured[] {
  return [
    { name: 'resident memory', unit: 'MiB', mayGrow: flat(0.1, 20), of: (s) => s.residentMiB },
    { name: 'open promises', unit: '', mayGrow: flat(0.05, 100), of: (s) => s.openPromises },
    { name: 'disk of open state', unit: 'MiB', mayGrow: flat(0.15, 1), of: (s) => s.openBytes / MIB },
    { name: 'disk of history', unit: 'MiB', mayGrow: null, of: (s) => s.historyBytes / MIB },
    {
      name: 'history a promise',
      unit: 'bytes',
      mayGrow: flat(0.1, 0),
      of: (s) => s.historyBytes / Math.max(1, s.allPromises),
    },
    { name: 'dead tuples', unit: '', mayGrow: flat(0.5, 60 * factsPerSecond), of: (s) => s.deadTuples },
    { name: 'lag', unit: 'records', mayGrow: flat(0.5, factsPerSecond), of: (s) => s.lagRecords },
    { name: 'fact to verdict, p50', unit: 'ms', mayGrow: flat(0.3, 20), of: (s) => s.factP50Ms },
    { name: 'fact to verdict, p99', unit: 'ms', mayGrow: flat(0.5, 50), of: (s) => s.factP99Ms },
    { name: 'allowance to breach, p99', unit: 'ms', mayGrow: flat(0.5, 100), of: (s) => s.breachP99Ms },
    { name: 'CPU of sla-timer', unit: '% of a core', mayGrow: flat(0.15, 5), of: (s) => s.cpuShare * 100 },
    { name: 'CPU of the database', unit: '% of a core', mayGrow: flat(0.15, 5), of: (s) => s.databaseCpuShare * 100 },
  ];
}

/** The moments at which it could be seen. */
export function pointsOf({ of }: Measured, samples: readonly Sample[]): Point[] {
  return samples.flatMap((sample) => {
    const value = of(sample);
    return value === null ? [] : [{ atMs: sample.atMs, value }];
  });
}

/** Names of what grew that must not. */
export function grown(courses: readonly Course[]): string[] {
  return courses.filter(({ isFlat }) => isFlat === false).map(({ measure }) => measure.name);
}
