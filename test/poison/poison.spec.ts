import { Pipeline } from './pipeline.js';
import { poisonRun } from './run.js';

/** `POISON_EVENTS=100000 ./makegood test test/poison` is the run of docs/reliability.md. */
const EVENTS = Number(process.env['POISON_EVENTS'] ?? 2_000);
const SEED = Number(process.env['POISON_SEED'] ?? 1);

it('one poison per thousand: every other one processed, each explained; mended and replayed, the end is that of a clean run', async () => {
  const pipeline = await Pipeline.open();
  try {
    const { violations, ...figures } = await poisonRun(pipeline, SEED, EVENTS);
    if (process.env['POISON_EVENTS'] !== undefined)
      process.stderr.write(`${JSON.stringify({ seed: SEED, ...figures })}\n`);
    expect(violations).toEqual([]);
    expect(figures.poisoned).toBe(Math.ceil(EVENTS / 1_000));
  } finally {
    await pipeline.close();
  }
}, 900_000);
