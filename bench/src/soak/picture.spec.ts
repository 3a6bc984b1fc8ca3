import { measuresAt, pointsOf } from './measures.js';
import { soakPicture } from './picture.js';
import type { Sample } from './sampler.js';

const sample = (n: number, factP99Ms: number | null): Sample => ({
  atMs: n * 10_000,
  residentMiB: 300 + n,
  openPromises: 1_000,
  allPromises: 1_000 * (n + 1),
  openBytes: 5_000_000,
  historyBytes: 1_000_000 * (n + 1),
  kibByRelation: {},
  deadTuples: 10,
  lagRecords: 3,
  factP50Ms: factP99Ms,
  factP99Ms,
  breachP99Ms: 200,
  cpuShare: 0.4,
  databaseCpuShare: 0.3,
});
const samples = [sample(0, 50), sample(1, null), sample(2, 60)];

describe('what a soak shows', () => {
  it('breaks a line where nothing was seen, and never writes what is no number', () => {
    const picture = soakPicture(samples, '3 minutes of 2000 facts/s');
    expect(picture).not.toContain('NaN');
    const [line] = picture
      .split('\n')
      .filter((each) => each.startsWith('<path') && (each.match(/M/g) ?? []).length === 2);
    expect(line).toBeDefined();
  });

  it('measures history by the promise: it grows, and each promise costs the same', () => {
    const measures = measuresAt(2_000);
    const each = measures.find(({ name }) => name === 'history a promise');
    expect(each && pointsOf(each, samples).map(({ value }) => value)).toEqual([1_000, 1_000, 1_000]);
    expect(measures.filter(({ mayGrow }) => mayGrow === null).map(({ name }) => name)).toEqual(['disk of history']);
  });

  it('leaves out the moments at which nothing was seen', () => {
    const p99 = measuresAt(2_000).find(({ name }) => name === 'fact to verdict, p99');
    expect(p99 && pointsOf(p99, samples)).toHaveLength(2);
  });
});
