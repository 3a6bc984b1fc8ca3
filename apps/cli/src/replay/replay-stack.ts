import { join, resolve } from 'node:path';
import { ProblemError } from '#libs/kernel';
import type { CliConfig } from '../config.js';
import { StackClient } from '../stack/client.js';
import { removeDataDir } from '../stack/database-home.js';
import { startDetached, stopStack } from '../stack/detached.js';
import { freePortBase } from '../stack/free-ports.js';
import { MAKEGOOD_DIR } from '../stack/project.js';
import { readState, runningStack } from '../stack/state.js';
import type { Terminal } from '../terminal/terminal.js';

export interface ReplayStackOptions {
  readonly dataDir: string | null;
  readonly portBase: number | null;
  readonly guaranteesDir: string | null;
  readonly config: CliConfig;
  readonly terminal: Terminal;
}

/** A stack in replay mode, and how to leave it. */
export interface ReplayStack {
  readonly client: StackClient;
  /** True when it was running before. */
  readonly joined: boolean;
  /** Stops it if it was started here, and removes its data if nobody named a folder for them. */
  close(): Promise<void>;
}

/** Goes on in a running replay stack, or starts one: in the folder named, else in one of its own. */
export async function openReplayStack(options: ReplayStackOptions): Promise<ReplayStack> {
  const own = options.dataDir === null;
  const dataDir = options.dataDir === null ? join(MAKEGOOD_DIR, `replay-${process.pid}`) : resolve(options.dataDir);
  const running = runningStack(dataDir);
  const known = readState(dataDir);
  if (known && known.mode !== 'replay') {
    throw new ProblemError({
      code: 'NOT_A_REPLAY_STACK',
      detail: `a replay stack in ${dataDir} → it is in ${known.mode} mode, where the clock cannot be replayed`,
      advice: 'name another folder with --data-dir, or leave the option out',
    });
  }
  if (running?.phase === 'ready') {
    return { client: new StackClient(dataDir, running.portBase, running), joined: true, close: async () => undefined };
  }
  const close = async (): Promise<void> => {
    await stopStack(dataDir);
    if (own) removeDataDir(dataDir);
  };
  const stopListening = closeOnSignal(close);
  const portBase = options.portBase ?? known?.portBase ?? (await freePortBase());
  try {
    const { terminal } = options;
    await terminal.busy('starting a stack of its own', () =>
      startDetached({
        ...options,
        dataDir,
        portBase,
        mode: 'replay',
        only: null,
        onStep: (text) => terminal.note(`  ✓ ${text}`),
      }),
    );
  } catch (error) {
    stopListening();
    if (own) options.terminal.note(`  its logs stay in ${join(dataDir, 'logs')}`);
    throw error;
  }
  const client = new StackClient(dataDir, portBase, readState(dataDir));
  return {
    client,
    joined: false,
    close: async () => {
      stopListening();
      await close();
    },
  };
}

/** Ctrl-C leaves nothing behind. */
function closeOnSignal(close: () => Promise<void>): () => void {
  const end = (): void => void close().finally(() => process.exit(130));
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.once(signal, end);
  return () => signals.forEach((signal) => process.removeListener(signal, end));
}
