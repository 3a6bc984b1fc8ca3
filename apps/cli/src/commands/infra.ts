import type { CliConfig } from '../config.js';
import { startInfrastructure } from '../stack/infrastructure.js';
import { stopLeftovers } from '../stack/leftovers.js';
import { DEFAULT_PORT_BASE } from '../stack/ports.js';
import type { StackMode } from '../stack/topics.js';
import { resolve } from 'node:path';
import type { Terminal } from '../terminal/terminal.js';

/** `infra`: broker and database alone, until Ctrl-C; prints the environment that a service needs. */
export async function infra(
  options: { readonly dataDir: string; readonly portBase?: number; readonly mode: StackMode },
  config: CliConfig,
  terminal: Terminal,
): Promise<void> {
  const dataDir = resolve(options.dataDir);
  await stopLeftovers(dataDir);
  const infrastructure = await startInfrastructure({
    dataDir,
    portBase: options.portBase ?? DEFAULT_PORT_BASE,
    mode: options.mode,
    config,
    onStep: (text) => terminal.note(`  ✓ ${text}`),
  });
  terminal.line(`KAFKA_BROKERS=${infrastructure.brokers}`);
  terminal.line(`DATABASE_URL=${infrastructure.databaseUrl}`);
  await new Promise<void>((resolveEnded) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolveEnded());
  });
  await infrastructure.stop();
}
