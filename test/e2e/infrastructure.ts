import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startInfrastructure } from '../../apps/cli/src/stack/infrastructure.js';

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

/** A base whose neighbours are most likely free too: the system picks one far from the usual stacks. */
export async function freePortBase(): Promise<number> {
  for (;;) {
    const port = await new Promise<number>((resolve, reject) => {
      const server = createServer().once('error', reject);
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
      });
    });
    if (port < 60_000) return port - (port % 50);
  }
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
