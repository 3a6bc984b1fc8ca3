// The seeded simulation: `./makegood test simulation`, or `node test/simulation/run.mjs [--seconds N] [--seed N]`.
// One process a core, each with every n-th seed, for SIMULATION_SECONDS (180); or the one of SIMULATION_SEED. Exit code 1
// when a seed fails; the other processes are ended then.
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { build, makeWorkspace, simulate, stopAll } from './workspace.mjs';

const { values } = parseArgs({ options: { seconds: { type: 'string' }, seed: { type: 'string' } } });
const seconds = values.seconds ?? process.env.SIMULATION_SECONDS ?? '180';
const only = values.seed ?? process.env.SIMULATION_SEED;
const git = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' });
const commit = git.stdout?.trim() || 'unknown';
const PROCESSES_MAX = 8;
const processes = only ? 1 : Math.min(PROCESSES_MAX, availableParallelism());
const first = Number(process.env.SIMULATION_FIRST_SEED ?? 1);

/** The figures that a process printed as its last line, and what it said otherwise. */
function split(output) {
  const lines = output.trimEnd().split('\n');
  const at = lines.findLastIndex((line) => line.startsWith('TOTALS '));
  return { totals: at < 0 ? null : JSON.parse(lines[at].slice(7)), said: lines.filter((_, i) => i !== at).join('\n') };
}

function sum(all) {
  const total = { seeds: 0, steps: 0, events: 0, settlements: 0, faults: {} };
  for (const each of all) {
    for (const key of ['seeds', 'steps', 'events', 'settlements']) total[key] += each[key];
    for (const [name, count] of Object.entries(each.faults)) total.faults[name] = (total.faults[name] ?? 0) + count;
  }
  return total;
}

const workspace = makeWorkspace();
const startedMs = performance.now();
try {
  await build(workspace.folder);
  let failed = false;
  const all = await Promise.all(
    Array.from({ length: processes }, async (_, i) => {
      const { code, output } = await simulate(workspace.folder, {
        SIMULATION_COMMIT: commit,
        SIMULATION_SECONDS: seconds,
        SIMULATION_FIRST_SEED: String(first + i),
        SIMULATION_STRIDE: String(processes),
        ...(only ? { SIMULATION_SEED: only } : {}),
      });
      const { totals, said } = split(output);
      if (code !== 0 && !failed) {
        failed = true;
        console.log(said);
        stopAll();
      }
      return totals;
    }),
  );
  const total = sum(all.filter((each) => each !== null));
  const number = (value) => value.toLocaleString('en');
  const faults = Object.entries(total.faults).sort(([a], [b]) => (a < b ? -1 : 1));
  console.log(
    `simulation: ${number(total.seeds)} seeds ${failed ? 'before the failure' : 'without a violation'}, ` +
      `${number(total.events)} events, ${number(total.settlements)} settlements, ${number(total.steps)} steps in ` +
      `${processes} processes, ${((performance.now() - startedMs) / 1000).toFixed(1)} s in all (${seconds} s of seeds), commit=${commit}`,
  );
  console.log(`  faults: ${faults.map(([name, count]) => `${name} ${number(count)}`).join(', ') || 'none'}`);
  process.exitCode = failed ? 1 : 0;
} finally {
  workspace.remove();
}
