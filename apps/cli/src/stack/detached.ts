import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ProblemError } from '#libs/kernel';
import { clock, waitFor } from '../clock.js';
import { stopLeftovers } from './leftovers.js';
import { PROJECT_ROOT } from './project.js';
import { isSupervisor, readState, runningStack } from './state.js';
import type { StackOptions } from './supervisor.js';
import { isAlive } from './process-table.js';

const START_WITHIN_MS = 200_000;
const STOP_WITHIN_MS = 60_000;

/** Starts a supervisor that outlives this process, and waits until its stack is ready. */
export async function startDetached(options: StackOptions): Promise<void> {
  const { dataDir } = options;
  mkdirSync(join(dataDir, 'logs'), { recursive: true });
  const log = openSync(join(dataDir, 'logs', 'launcher.log'), 'a');
  const main = fileURLToPath(new URL('../main.js', import.meta.url));
  const child = spawn(
    process.execPath,
    [
      '--enable-source-maps',
      main,
      'supervise',
      '--data-dir',
      dataDir,
      '--port-base',
      String(options.portBase),
      '--mode',
      options.mode,
      ...(options.guaranteesDir ? ['--guarantees', options.guaranteesDir] : []),
      ...(options.only ? ['--only', options.only.join(',')] : []),
    ],
    {
      cwd: PROJECT_ROOT,
      detached: true,
      stdio: ['ignore', log, log],
      env: options.config.inherited as NodeJS.ProcessEnv,
    },
  );
  closeSync(log);
  child.unref();
  const pid = child.pid as number;
  let told = 0;
  const outcome = await waitFor(
    () => {
      const state = readState(dataDir);
      const mine = state?.supervisorPid === pid ? state : null;
      for (const step of mine?.steps.slice(told) ?? []) options.onStep?.(step);
      told = mine?.steps.length ?? told;
      if (mine?.phase === 'ready' || mine?.phase === 'failed') return mine;
      return isAlive(pid) ? null : 'died';
    },
    { withinMs: START_WITHIN_MS, everyMs: 100 },
  );
  if (outcome && outcome !== 'died') {
    if (outcome.phase === 'ready') return;
    throw new ProblemError(outcome.problem ?? { code: 'START_FAILED', detail: 'the stack did not start' });
  }
  throw new ProblemError({
    code: 'START_FAILED',
    detail: `the stack in ${dataDir} ready → ${outcome === 'died' ? 'its launcher ended' : 'not within 200 s'}`,
    advice: `read ${join(dataDir, 'logs', 'launcher.log')}`,
  });
}

/** Stops the stack of a data dir and whatever was left of it; answers whether there was anything to stop. */
export async function stopStack(dataDir: string): Promise<boolean> {
  const state = runningStack(dataDir);
  if (state) {
    process.kill(state.supervisorPid, 'SIGTERM');
    await waitFor(() => (isSupervisor(state.supervisorPid) ? null : true), { withinMs: STOP_WITHIN_MS });
    if (isSupervisor(state.supervisorPid)) process.kill(state.supervisorPid, 'SIGKILL');
    await clock.sleep(0);
  }
  const leftovers = await stopLeftovers(dataDir);
  return state !== null || leftovers > 0;
}
