import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readConfig } from '../../apps/cli/src/config.js';
import { freePortBase } from '../../apps/cli/src/stack/free-ports.js';
import {
  startInfrastructure,
  type Infrastructure,
  type InfrastructureOptions,
} from '../../apps/cli/src/stack/infrastructure.js';
import type { Stage } from './service.js';

export interface StageOptions {
  readonly portBase: number | null;
  /** null: a temporary one, removed at the end. */
  readonly dataDir: string | null;
  readonly profileDir: string | null;
}

export const note = (text: string): void => void process.stderr.write(`${text}\n`);

export interface Folder {
  readonly dataDir: string;
  readonly portBase: number;
  /** Called at the end, the last one first, even where the bench is interrupted. */
  readonly atEnd: (stop: () => Promise<void>) => void;
}

/** Runs a bench in a folder and on ports of its own; what it has started ends with it. */
export async function withFolder(
  options: Pick<StageOptions, 'portBase' | 'dataDir'>,
  work: (folder: Folder) => Promise<void>,
): Promise<void> {
  const dataDir = options.dataDir ? resolve(options.dataDir) : mkdtempSync(join(tmpdir(), 'makegood-bench-'));
  mkdirSync(dataDir, { recursive: true });
  if (!options.dataDir) chmodSync(dataDir, 0o711); // the database may run as another user
  const stops: (() => Promise<void>)[] = [];
  let stopped: Promise<void> | null = null;
  const stopAll = (): Promise<void> =>
    (stopped ??= (async () => {
      for (let stop = stops.pop(); stop; stop = stops.pop()) await stop();
      if (!options.dataDir) rmSync(dataDir, { recursive: true, force: true });
    })()); // once, and whoever asks later waits for it: what an interruption makes fail must not end the process before
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void stopAll().then(() => process.exit(130)));
  try {
    const portBase = options.portBase ?? (await freePortBase());
    await work({ dataDir, portBase, atEnd: (stop) => void stops.push(stop) });
  } finally {
    await stopAll();
  }
}

/**
 * Runs a bench on a broker and a database of its own, which end with it.
 * @param reach further ways to broker and database
 * @param mode of the product: `replay` reads as much as it can, `live` answers as soon as it can.
 */
export async function withStage(
  options: StageOptions,
  mode: Stage['mode'],
  work: (stage: Stage, infrastructure: Infrastructure) => Promise<void>,
  reach: (portBase: number) => Pick<InfrastructureOptions, 'brokerListeners' | 'databaseNetwork'> = () => ({}),
): Promise<void> {
  await withFolder(options, async ({ dataDir, portBase, atEnd }) => {
    const config = readConfig();
    const giveUp = new AbortController();
    const starting = startInfrastructure({
      dataDir,
      portBase,
      ...reach(portBase),
      mode: 'replay',
      config,
      onStep: note,
      signal: giveUp.signal,
    });
    atEnd(async () => {
      giveUp.abort(); // interrupted while it starts: what runs already is ended by the start itself
      await (await starting.catch(() => null))?.stop();
    });
    const infrastructure = await starting;
    const { brokers, databaseUrl } = infrastructure;
    const { profileDir } = options;
    await work({ dataDir, portBase, brokers, databaseUrl, env: config.inherited, profileDir, mode }, infrastructure);
    if (profileDir) note(`CPU profiles (open them in Chrome's DevTools or VS Code): ${resolve(profileDir)}`);
  });
}
