import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startInfrastructure } from '../../apps/cli/src/stack/infrastructure.js';
import { isPortFree } from '../../apps/cli/src/stack/port-owner.js';
import { portsOf } from '../../apps/cli/src/stack/ports.js';

/** The thread that publishes, as it is shipped: a thread loads no TypeScript. */
export const THREAD = pathToFileURL(
  resolve(import.meta.dirname, '../../dist/libs/messaging/src/thread/publish-thread.js'),
);

export interface TestInfrastructure {
  readonly brokers: string;
  readonly databaseUrl: string;
  stop(): Promise<void>;
}

/**
 * A real Kafka and a real PostgreSQL. The suite's runner starts one pair for all specs (test/e2e/run.mjs) and names it
 * in the environment; a spec run alone starts its own.
 */
export async function testInfrastructure(): Promise<TestInfrastructure> {
  const { TEST_KAFKA_BROKERS: brokers, TEST_DATABASE_URL: databaseUrl } = process.env;
  if (brokers && databaseUrl) return { brokers, databaseUrl, stop: async () => undefined };
  const dataDir = mkdtempSync(join(tmpdir(), 'makegood-e2e-'));
  chmodSync(dataDir, 0o711); // PostgreSQL's user must get through to its data
  const started = await startInfrastructure({ dataDir, portBase: await freePortBase(), mode: 'live' });
  return {
    brokers: started.brokers,
    databaseUrl: started.databaseUrl,
    stop: async () => {
      await started.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

const BASES = { first: 20_000, step: 50, count: 240 };
let nextBase = process.pid % BASES.count;

/**
 * A base whose ports are all free, below those that the system hands to outgoing connections (from 32768 on): a client
 * of one stack would take a port that another is about to listen on.
 */
export async function freePortBase(): Promise<number> {
  for (let tried = 0; tried < BASES.count; tried++) {
    const base = BASES.first + (nextBase++ % BASES.count) * BASES.step;
    const free = await Promise.all(Object.values(portsOf(base)).map(isPortFree));
    if (free.every(Boolean)) return base;
  }
  throw new Error('no free ports below 32000');
}

/** Waits for a condition, never for a time; says what it waited for when it does not come. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  withinMs = 30_000,
): Promise<T> {
  const giveUpAt = Date.now() + withinMs;
  for (;;) {
    const found = await probe();
    if (found) return found;
    if (Date.now() > giveUpAt) throw new Error(`waited ${withinMs} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
