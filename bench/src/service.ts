import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_SHARD_COUNT } from '#libs/contracts';
import { portsOf, type ServiceName } from '../../apps/cli/src/stack/ports.js';
import { PROJECT_ROOT } from '../../apps/cli/src/stack/project.js';
import { MALLOC_SETTINGS } from '../../apps/cli/src/stack/services.js';

/** Where a bench runs: its broker, its database, its folder. */
export interface Stage {
  readonly dataDir: string;
  readonly portBase: number;
  readonly brokers: string;
  readonly databaseUrl: string;
  /** Inherited by every process. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly mode: 'replay' | 'live';
  /** What processes are started with: `ip netns exec NAME`; none: nothing. */
  readonly prefix?: readonly string[];
  /** Where the product's CPU profiles go; null: none are taken. */
  readonly profileDir: string | null;
}

/** One service as it is shipped, in a schema and a group named `name`; its log and its profile have that name too. */
export function startService(
  stage: Stage,
  service: ServiceName,
  name: string,
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  const { profileDir } = stage;
  if (profileDir) mkdirSync(profileDir, { recursive: true });
  const profiling = profileDir
    ? ['--cpu-prof', `--cpu-prof-dir=${profileDir}`, `--cpu-prof-name=${name}.cpuprofile`]
    : [];
  return launch(stage, name, [...profiling, '--enable-source-maps'], `apps/${service}/src/main.js`, {
    ...MALLOC_SETTINGS,
    MAKEGOOD_MODE: stage.mode,
    MAKEGOOD_HOST: '127.0.0.1',
    MAKEGOOD_PORT: String(portsOf(stage.portBase)[service]),
    KAFKA_BROKERS: stage.brokers,
    DATABASE_URL: stage.databaseUrl,
    MAKEGOOD_SHARDS: String(DEFAULT_SHARD_COUNT),
    MAKEGOOD_SCHEMA: name,
    MAKEGOOD_GROUP: name,
    LOG_LEVEL: 'warn',
    ...env,
  });
}

/** A script of dist/ in a process of its own; what it says goes to `logs/NAME.log`. */
export function launch(
  stage: Stage,
  name: string,
  flags: readonly string[],
  script: string,
  env: Readonly<Record<string, string>>,
): ChildProcess {
  const logs = join(stage.dataDir, 'logs');
  mkdirSync(logs, { recursive: true });
  const log = openSync(join(logs, `${name}.log`), 'a');
  const [command = '', ...before] = [...(stage.prefix ?? []), process.execPath];
  const child = spawn(command, [...before, ...flags, join(PROJECT_ROOT, 'dist', script)], {
    cwd: PROJECT_ROOT,
    env: { ...stage.env, ...env, NODE_OPTIONS: '--disable-warning=TimeoutNegativeWarning' } as NodeJS.ProcessEnv,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  return child;
}

/** Whether a service of this machine says that it is ready; false while it does not answer. */
export async function isReady(port: number): Promise<boolean> {
  return (await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => null))?.status === 200;
}

/** Asks a process to end, and makes it end. */
export async function end(child: ChildProcess, withinMs = 15_000): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), withinMs);
  await exited;
  clearTimeout(killer);
}
