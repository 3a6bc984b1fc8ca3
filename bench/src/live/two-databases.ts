import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig } from '../../../apps/cli/src/config.js';
import { ensureAdminKey } from '../../../apps/cli/src/stack/admin-key.js';
import { Child } from '../../../apps/cli/src/stack/child.js';
import { awaitDatabase, embeddedDatabaseUrl, prepareDatabase } from '../../../apps/cli/src/stack/database.js';
import { startDetached, stopStack } from '../../../apps/cli/src/stack/detached.js';
import { portsOf } from '../../../apps/cli/src/stack/ports.js';
import { PROJECT_ROOT } from '../../../apps/cli/src/stack/project.js';
import { serviceSpec } from '../../../apps/cli/src/stack/services.js';
import { waitUntil } from '../pipeline/wait.js';
import { isReady } from '../service.js';
import { note, type Folder } from '../stage.js';
import type { Door } from '../whole/post.js';

export interface Installation {
  readonly brokers: string;
  readonly door: Door;
}

/** Beside the stack's own ports: the second database and the second instance. */
const [NORTH_PORT, SECOND_PORT] = [12, 40];
const ALLOWANCE = { ofTheBench: 'allowance: PT6H', here: 'allowance: PT1S' };

/**
 * An installation as `up` starts it, intake and sla-timer only, with a second PostgreSQL server `north` in which no shard
 * begins, and a second instance of sla-timer. Promises break a second after they are due.
 */
export async function startWithTwoDatabases({ dataDir, portBase, atEnd }: Folder): Promise<Installation> {
  const config = readConfig();
  const northUrl = await startNorth({ dataDir, portBase, atEnd });
  const inherited = { ...config.inherited, DATABASE_URLS: `north:=${northUrl}`, LOG_LEVEL: 'warn' };
  const stack = {
    ...{ dataDir, portBase, mode: 'live' as const, config: { ...config, inherited } },
    ...{ guaranteesDir: writeGuarantee(dataDir), only: ['broker', 'database', 'intake', 'sla-timer'], onStep: note },
  };
  atEnd(async () => void (await stopStack(dataDir)));
  await startDetached(stack);
  const ports = portsOf(portBase);
  const adminKey = ensureAdminKey(dataDir);
  const brokers = config.kafkaBrokers ?? `127.0.0.1:${ports.broker}`;
  const databaseUrl = config.databaseUrl ?? embeddedDatabaseUrl(dataDir, ports.database);
  const spec = serviceSpec('sla-timer', { ...stack, brokers, databaseUrl, adminKey });
  const port = ports['sla-timer'] + SECOND_PORT;
  const second = new Child({
    ...spec,
    env: { ...spec.env, MAKEGOOD_PORT: String(port) },
    logFile: join(dataDir, 'logs', 'sla-timer-2.log'),
  });
  second.start();
  atEnd(() => second.stop());
  await waitUntil(() => isReady(port), 'the second sla-timer is ready');
  note(`second sla-timer ready on 127.0.0.1:${port}`);
  const door = { url: `http://127.0.0.1:${ports.intake}/events`, authorization: `Bearer ${adminKey.text}` };
  return { brokers, door };
}

async function startNorth({ dataDir, portBase, atEnd }: Folder): Promise<string> {
  const northDir = join(dataDir, 'north');
  mkdirSync(northDir, { recursive: true });
  const { spec, databaseUrl } = prepareDatabase({
    dataDir: northDir,
    port: portBase + NORTH_PORT,
    logFile: join(northDir, 'database.log'),
    env: process.env,
  });
  const server = new Child(spec);
  server.start();
  atEnd(() => server.stop());
  await awaitDatabase(databaseUrl, { withinMs: 60_000 });
  note(`database north ready on ${new URL(databaseUrl).host}`);
  return databaseUrl;
}

function writeGuarantee(dataDir: string): string {
  const folder = join(dataDir, 'guarantees');
  mkdirSync(folder, { recursive: true });
  const text = readFileSync(join(PROJECT_ROOT, 'bench/bench-delivery.yaml'), 'utf8');
  writeFileSync(join(folder, 'bench-delivery.yaml'), text.replace(ALLOWANCE.ofTheBench, ALLOWANCE.here));
  return folder;
}
