import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { ProblemError, type Problem } from '#libs/kernel';
import { commandLineOf, isAlive } from './process-table.js';
import { MAKEGOOD_DIR } from './project.js';
import type { StackMode } from './topics.js';

export type StackPhase = 'starting' | 'ready' | 'stopping' | 'stopped' | 'failed';

/** DATA/stack.json: what other commands know of a stack. Holds no secrets. */
export interface StackState {
  readonly mode: StackMode;
  readonly portBase: number;
  readonly phase: StackPhase;
  readonly supervisorPid: number;
  readonly startedAt: string;
  readonly brokers: string | null;
  readonly pids: Readonly<Record<string, number>>;
  /** Steps of the start so far, in words, for whoever waits for it. */
  readonly steps: readonly string[];
  /** Why the start failed. */
  readonly problem?: Problem;
}

const stateFile = (dataDir: string): string => join(dataDir, 'stack.json');
const lockFile = (dataDir: string): string => join(dataDir, 'supervisor.pid');

export function readState(dataDir: string): StackState | null {
  try {
    return JSON.parse(readFileSync(stateFile(dataDir), 'utf8')) as StackState;
  } catch {
    return null; // never started, or torn by a full disk: as good as none
  }
}

/** Readers see the old state or the new, never half of one. */
export function writeState(dataDir: string, state: StackState): void {
  const part = `${stateFile(dataDir)}.part`;
  writeFileSync(part, `${JSON.stringify(state, null, 2)}\n`);
  renameSync(part, stateFile(dataDir));
}

/** True when `pid` is a running launcher of ours and not a stranger who got the same number. */
export function isSupervisor(pid: number): boolean {
  return isAlive(pid) && (commandLineOf(pid)?.includes('apps/cli/src/main.js') ?? false);
}

/** The state of a stack whose supervisor lives; null otherwise. */
export function runningStack(dataDir: string): StackState | null {
  const state = readState(dataDir);
  return state && isSupervisor(state.supervisorPid) ? state : null;
}

/**
 * One supervisor per data dir.
 * @throws ProblemError STACK_RUNNING when another one lives.
 */
export function takeSupervisorLock(dataDir: string): void {
  mkdirSync(dataDir, { recursive: true });
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      const fd = openSync(lockFile(dataDir), 'wx');
      writeSync(fd, String(process.pid));
      closeSync(fd);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const owner = Number(readFileSync(lockFile(dataDir), 'utf8'));
      if (owner > 0 && owner !== process.pid && isSupervisor(owner)) break;
      rmSync(lockFile(dataDir), { force: true }); // left by a kill -9
    }
  }
  throw new ProblemError({
    code: 'STACK_RUNNING',
    detail: `a stack in ${dataDir} → another launcher is at work there`,
    advice: `see it: ./makegood status --data-dir ${dataDir}`,
  });
}

export function dropSupervisorLock(dataDir: string): void {
  rmSync(lockFile(dataDir), { force: true });
}

/** Data dirs under .makegood whose stack is running. */
export function runningDataDirs(): string[] {
  if (!existsSync(MAKEGOOD_DIR)) return [];
  return readdirSync(MAKEGOOD_DIR)
    .map((name) => join(MAKEGOOD_DIR, name))
    .filter((dir) => dirname(stateFile(dir)) === dir && runningStack(dir) !== null);
}
