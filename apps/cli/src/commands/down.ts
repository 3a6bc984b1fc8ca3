import { resolve } from 'node:path';
import { findStack } from '../stack/client.js';
import { stopStack } from '../stack/detached.js';
import { DEFAULT_DATA_DIR } from '../stack/project.js';
import type { Terminal } from '../terminal/terminal.js';
import type { StackSelector } from './options.js';

/** `down`: stops a stack and waits until all of it is gone. Nothing to stop is no failure. */
export async function down(options: StackSelector, terminal: Terminal): Promise<void> {
  const byPort = options.portBase !== undefined && options.dataDir === undefined;
  const dataDir = byPort ? findStack(options).dataDir : resolve(options.dataDir ?? DEFAULT_DATA_DIR);
  const stopped = await terminal.busy('stopping: services, broker, database', () => stopStack(dataDir));
  terminal.line(stopped ? `✓ stopped; data stay in ${dataDir}` : `✓ nothing was running in ${dataDir}`);
}
