// The seeded simulation: `./makegood test simulation`, or `node test/simulation/run.mjs`.
// SIMULATION_SECONDS (60) seconds of seeds, or the one of SIMULATION_SEED. Exit code 1 when a seed fails.
import { spawnSync } from 'node:child_process';
import { build, makeWorkspace, simulate } from './workspace.mjs';

const git = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' });
const workspace = makeWorkspace();
try {
  await build(workspace.folder);
  const { code } = await simulate(workspace.folder, { SIMULATION_COMMIT: git.stdout?.trim() || 'unknown' }, true);
  process.exitCode = code;
} finally {
  workspace.remove();
}
