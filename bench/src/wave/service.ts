import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_SHARD_COUNT } from '#libs/contracts';
import { portsOf } from '../../../apps/cli/src/stack/ports.js';
import { PROJECT_ROOT } from '../../../apps/cli/src/stack/project.js';

export interface Stage {
  readonly dataDir: string;
  readonly portBase: number;
  readonly brokers: string;
  readonly databaseUrl: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where CPU profiles go; null: none are taken. */
  readonly profileDir: string | null;
}

/** One compensation process as it is shipped, live, in a schema and a group named `name`. */
export function startCompensation(stage: Stage, name: string): ChildProcess {
  if (stage.profileDir) mkdirSync(stage.profileDir, { recursive: true });
  const profiling = stage.profileDir
    ? ['--cpu-prof', `--cpu-prof-dir=${stage.profileDir}`, `--cpu-prof-name=${name}.cpuprofile`]
    : [];
  const log = openSync(join(stage.dataDir, 'logs', `${name}.log`), 'a');
  const main = join(PROJECT_ROOT, 'dist/apps/compensation/src/main.js');
  const child = spawn(process.execPath, [...profiling, '--enable-source-maps', main], {
    cwd: PROJECT_ROOT,
    stdio: ['ignore', log, log],
    env: {
      ...stage.env,
      MAKEGOOD_MODE: 'live',
      MAKEGOOD_HOST: '127.0.0.1',
      MAKEGOOD_PORT: String(portsOf(stage.portBase).compensation),
      KAFKA_BROKERS: stage.brokers,
      DATABASE_URL: stage.databaseUrl,
      MAKEGOOD_SHARDS: String(DEFAULT_SHARD_COUNT),
      MAKEGOOD_SCHEMA: name,
      MAKEGOOD_GROUP: name,
      LOG_LEVEL: 'warn',
      NODE_OPTIONS: '--disable-warning=TimeoutNegativeWarning',
    } as NodeJS.ProcessEnv,
  });
  closeSync(log);
  return child;
}
