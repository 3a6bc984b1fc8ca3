import { NO_LIMITS, simulate, type Limits, type Outcome } from './simulate.js';
import { Stores } from './stores.js';

/*
 * Runs as many seeds as fit in SIMULATION_SECONDS (default 60; or in SIMULATION_CPU_SECONDS of the processor), every SIMULATION_STRIDE-th from SIMULATION_FIRST_SEED, or
 * the one of SIMULATION_SEED. Its last line is TOTALS and the figures as JSON, for run.mjs, which starts one a core. Exit code 1 when a seed fails: it is shrunk and printed with the command that replays it.
 */
const environment = process.env;
const seconds = Number(environment['SIMULATION_SECONDS'] ?? 60);
const usedMax = environment['SIMULATION_CPU_SECONDS'] ? Number(environment['SIMULATION_CPU_SECONDS']) : null;
const only = environment['SIMULATION_SEED'];
const commit = environment['SIMULATION_COMMIT'] ?? 'unknown';
const SHRINK_SHARE = 0.5;

const startedMs = performance.now();
const elapsed = (): number => (performance.now() - startedMs) / 1_000;
const stores = new Stores();
/** Of all threads of this process: what a seed costs, whatever else the machine has to do. */
const usedSeconds = (): number => Object.values(process.cpuUsage()).reduce((sum, micros) => sum + micros, 0) / 1e6;
const isTimeLeft = (): boolean => (usedMax === null ? elapsed() < seconds : usedSeconds() < usedMax);
const totals = { seeds: 0, steps: 0, events: 0, settlements: 0, faults: new Map<string, number>() };

/** Fewer events, fewer faults, as long as it still fails and time allows. */
async function shrink(seed: number, first: Outcome): Promise<{ limits: Limits; outcome: Outcome }> {
  const untilSeconds = elapsed() + seconds * SHRINK_SHARE;
  const faults = [...first.faults.values()].reduce((sum, count) => sum + count, 0);
  let best = { limits: { ...askedLimits(), eventsMax: first.events, faultsMax: faults }, outcome: first };
  for (const key of ['faultsMax', 'eventsMax'] as const) {
    let low = 0;
    while (low < best.limits[key] && elapsed() < untilSeconds) {
      const middle = Math.floor((low + best.limits[key]) / 2);
      const limits = { ...best.limits, [key]: middle };
      const outcome = await simulate(seed, stores, limits);
      if (outcome.violations.length > 0) best = { limits, outcome };
      else low = middle + 1;
    }
  }
  return best;
}

async function report(seed: number, outcome: Outcome): Promise<void> {
  const found = `${elapsed().toFixed(1)} s, ${usedSeconds().toFixed(1)} s of CPU`;
  const { limits, outcome: small } =
    (only && environment['SIMULATION_EVENTS']) || environment['SIMULATION_SHRINK'] === 'no'
      ? { limits: askedLimits(), outcome }
      : await shrink(seed, outcome);
  console.log(`FAILED seed=${seed} commit=${commit} after ${totals.seeds + 1} seeds, ${found}`);
  for (const violation of small.violations.slice(0, 12)) console.log(`  ${violation}`);
  const faults = [...small.faults].map(([name, count]) => `${count} ${name}`).join(', ');
  console.log(`  shrunk to events=${limits.eventsMax} faults=${limits.faultsMax} (${faults || 'no faults'})`);
  const subject = environment['SIMULATION_SUBJECT'];
  for (const line of subject === undefined ? [] : small.storyOf(subject)) console.log(`  ${line}`);
  console.log(
    `  replay: SIMULATION_SEED=${seed} SIMULATION_EVENTS=${limits.eventsMax} SIMULATION_FAULTS=${limits.faultsMax} node test/simulation/run.mjs`,
  );
}

function askedLimits(): Limits {
  return {
    eventsMax: Number(environment['SIMULATION_EVENTS'] ?? NO_LIMITS.eventsMax),
    faultsMax: Number(environment['SIMULATION_FAULTS'] ?? NO_LIMITS.faultsMax),
    putsBack: environment['SIMULATION_PUT_BACK'] !== 'no',
  };
}

let failed = false;
const firstSeed = Number(only ?? environment['SIMULATION_FIRST_SEED'] ?? 1);
const stride = Number(environment['SIMULATION_STRIDE'] ?? 1);
for (let seed = firstSeed; isTimeLeft(); seed += stride) {
  const outcome = await simulate(seed, stores, askedLimits());
  if (outcome.violations.length > 0) {
    failed = true;
    await report(seed, outcome);
    break;
  }
  totals.seeds++;
  totals.steps += outcome.steps;
  totals.events += outcome.events;
  totals.settlements += outcome.settlements;
  for (const [name, count] of outcome.faults) totals.faults.set(name, (totals.faults.get(name) ?? 0) + count);
  if (only) break;
}
console.log(`TOTALS ${JSON.stringify({ ...totals, faults: Object.fromEntries(totals.faults) })}`);
process.exit(failed ? 1 : 0);
