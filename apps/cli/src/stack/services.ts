import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CliConfig } from '../config.js';
import type { ApiKey } from './admin-key.js';
import type { ChildSpec } from './child.js';
import { stackMarker } from './leftovers.js';
import { portsOf, type ServiceName } from './ports.js';
import { PROJECT_ROOT } from './project.js';
import type { StackMode } from './topics.js';

export interface ServiceContext {
  readonly dataDir: string;
  readonly portBase: number;
  readonly mode: StackMode;
  readonly brokers: string;
  readonly databaseUrl: string;
  readonly adminKey: ApiKey;
  readonly config: CliConfig;
}

/**
 * What malloc gives back of a flood, see mallopt(3): by itself it keeps large blocks the longer, the larger they were. A third
 * less is resident afterwards, at no CPU that is told from noise (bench/README.md). Read by glibc, by others ignored.
 */
export const MALLOC_SETTINGS = { MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072' } as const;

/** How to run one of the four services in a stack. It learns the admin key's hash, never the key. */
export function serviceSpec(name: ServiceName, context: ServiceContext): ChildSpec {
  const main = join(PROJECT_ROOT, 'dist', 'apps', name, 'src', 'main.js');
  return {
    name,
    command: process.execPath,
    args: ['--enable-source-maps', main, stackMarker(context.dataDir)],
    cwd: PROJECT_ROOT,
    logFile: join(context.dataDir, 'logs', `${name}.log`),
    stopSignal: 'SIGTERM',
    stopWithinMs: 15_000,
    env: {
      // Modules compiled once: a service is up seconds earlier from the second start on.
      NODE_COMPILE_CACHE: join(PROJECT_ROOT, '.makegood', 'compile-cache'),
      ...MALLOC_SETTINGS,
      ...settingsFiles(),
      ...context.config.inherited,
      MAKEGOOD_MODE: context.mode,
      MAKEGOOD_HOST: '127.0.0.1',
      MAKEGOOD_PORT: String(portsOf(context.portBase)[name]),
      KAFKA_BROKERS: context.brokers,
      DATABASE_URL: context.databaseUrl,
      MAKEGOOD_SHARDS: String(context.config.shards),
      MAKEGOOD_BOOTSTRAP_KEY: `${context.adminKey.keyId}:${context.adminKey.secretHash}`,
    },
  };
}

/** Settings of the checkout, unless the environment names others. */
export function settingsFiles(): Record<string, string> {
  const files = {
    MAKEGOOD_SOURCES_FILE: join('samples', 'sources.yaml'),
    MAKEGOOD_SIGNALS_FILE: join('samples', 'signals.yaml'),
    MAKEGOOD_MAPS_DIR: 'samples',
  };
  return Object.fromEntries(
    Object.entries(files)
      .map(([name, file]) => [name, join(PROJECT_ROOT, file)] as const)
      .filter(([, path]) => existsSync(path)),
  );
}
