import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_SHARD_COUNT, TOPICS } from '#libs/contracts';
import { portsOf } from '../../../apps/cli/src/stack/ports.js';
import { PROJECT_ROOT } from '../../../apps/cli/src/stack/project.js';
import type { FloorConfig } from '../floor/config.js';
import type { Gauge } from './measure.js';
import type { Announce } from './workload.js';

export interface Stage {
  readonly dataDir: string;
  readonly portBase: number;
  readonly brokers: string;
  readonly databaseUrl: string;
  /** Inherited by every contender. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly mode: 'replay' | 'live';
  /** Where the product's CPU profiles go; null: none are taken. */
  readonly profileDir: string | null;
}

export interface Contender {
  readonly name: 'product' | 'floor';
  readonly due: Gauge['due'];
  start(stage: Stage, run: RunNames): ChildProcess;
}

/** What keeps a run apart from all others. */
export interface RunNames {
  readonly schema: string;
  readonly group: string;
  readonly topic: string;
}

export const product: Contender = {
  name: 'product',
  due: { table: 'subject', column: 'wake_at_ms' },
  start: (stage, { schema, group, topic }) => {
    if (stage.profileDir) mkdirSync(stage.profileDir, { recursive: true });
    const profiling = stage.profileDir
      ? ['--cpu-prof', `--cpu-prof-dir=${stage.profileDir}`, `--cpu-prof-name=${schema}.cpuprofile`]
      : [];
    return launch(stage, schema, [...profiling, '--enable-source-maps', 'apps/sla-timer/src/main.js'], {
      MAKEGOOD_MODE: stage.mode,
      MAKEGOOD_HOST: '127.0.0.1',
      MAKEGOOD_PORT: String(portsOf(stage.portBase)['sla-timer']),
      KAFKA_BROKERS: stage.brokers,
      DATABASE_URL: stage.databaseUrl,
      MAKEGOOD_SHARDS: String(DEFAULT_SHARD_COUNT),
      MAKEGOOD_SCHEMA: schema,
      MAKEGOOD_GROUP: group,
      MAKEGOOD_PROMISES_TOPIC: topic,
      LOG_LEVEL: 'warn',
    });
  },
};

/** @param bytes of an announcement by kind: the floor's are as long as the product's. */
export function floor(announce: Announce, bytes: Readonly<Record<string, number>>): Contender {
  return {
    name: 'floor',
    due: { table: 'promise', column: 'fire_ms' },
    start: (stage, { schema, group, topic }) => {
      const { databaseUrl } = stage;
      const brokers = stage.brokers.split(',');
      const config: FloorConfig = {
        brokers,
        databaseUrl,
        schema,
        group,
        inputTopic: TOPICS.events,
        outputTopic: topic,
        announce,
        bytes,
      };
      return launch(stage, schema, ['bench/src/floor/main.js'], { FLOOR_CONFIG: JSON.stringify(config) });
    },
  };
}

function launch(stage: Stage, name: string, args: readonly string[], env: Record<string, string>): ChildProcess {
  const log = openSync(join(stage.dataDir, 'logs', `${name}.log`), 'a');
  const scripts = args.map((arg) => (arg.endsWith('main.js') ? join(PROJECT_ROOT, 'dist', arg) : arg));
  const child = spawn(process.execPath, scripts, {
    cwd: PROJECT_ROOT,
    env: { ...stage.env, ...env, NODE_OPTIONS: '--disable-warning=TimeoutNegativeWarning' } as NodeJS.ProcessEnv,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  return child;
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
