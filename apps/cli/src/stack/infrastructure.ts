import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { interrupted } from '../errors.js';
import { readConfig, type CliConfig } from '../config.js';
import { prepareBroker, type BrokerListener } from './broker.js';
import { Child, type ChildSpec } from './child.js';
import { awaitDatabase, prepareDatabase, type DatabaseNetwork } from './database.js';
import { assertPortsFree } from './port-owner.js';
import { portsOf } from './ports.js';
import { ensureTopics, type StackMode } from './topics.js';

export interface InfrastructureOptions {
  /** Data of broker and database persist here; made when missing. */
  readonly dataDir: string;
  readonly portBase: number;
  readonly mode: StackMode;
  readonly config?: CliConfig;
  /** Told of each step, in words. */
  readonly onStep?: (text: string) => void;
  /** Told whenever a child's process id changes (null: it is not running). */
  readonly onPid?: (name: string, pid: number | null) => void;
  /** Gives up the start: what has started is stopped, and the promise rejects with INTERRUPTED. */
  readonly signal?: AbortSignal;
  /** Further ways into the embedded broker, such as through a proxy. */
  readonly brokerListeners?: readonly BrokerListener[];
  /** A network that the embedded database may be reached from as well. */
  readonly databaseNetwork?: DatabaseNetwork;
}

export interface Infrastructure {
  readonly brokers: string;
  readonly databaseUrl: string;
  readonly children: readonly Child[];
  /** Stops the broker, then the database; resolves once both are gone. */
  stop(): Promise<void>;
}

const START_WITHIN_MS = 60_000;

/**
 * Starts the embedded broker and database (or takes those that KAFKA_BROKERS and DATABASE_URL name), both as real
 * child processes on 127.0.0.1, restarted when they die; makes the topics and the database.
 */
export async function startInfrastructure(options: InfrastructureOptions): Promise<Infrastructure> {
  const config = options.config ?? readConfig();
  const dataDir = resolve(options.dataDir);
  const ports = portsOf(options.portBase);
  const step = options.onStep ?? (() => undefined);
  const logsDir = join(dataDir, 'logs');
  mkdirSync(logsDir, { recursive: true });
  await assertPortsFree(
    [
      ...(config.kafkaBrokers ? [] : [{ port: ports.broker, use: 'broker' }]),
      ...(config.kafkaBrokers ? [] : [{ port: ports.controller, use: "broker's controller" }]),
      ...(config.databaseUrl ? [] : [{ port: ports.database, use: 'database' }]),
    ],
    options.portBase,
  );
  const patience = { withinMs: START_WITHIN_MS, ...(options.signal ? { signal: options.signal } : {}) };
  const children: Child[] = [];
  const launch = (spec: ChildSpec): void => {
    const child = new Child(spec, (pid) => options.onPid?.(spec.name, pid));
    children.unshift(child); // stopped in reverse order
    child.start();
  };
  const stop = async (): Promise<void> => {
    for (const name of ['broker', 'database']) {
      await children.find((child) => child.spec.name === name)?.stop();
    }
  };
  try {
    const env = config.inherited;
    let databaseUrl = config.databaseUrl;
    if (!databaseUrl) {
      const logFile = join(logsDir, 'database.log');
      const database = prepareDatabase({
        dataDir,
        port: ports.database,
        logFile,
        env,
        ...(options.databaseNetwork ? { network: options.databaseNetwork } : {}),
      });
      if (database.notice) step(database.notice);
      launch(database.spec);
      databaseUrl = database.databaseUrl;
    }
    if (!config.kafkaBrokers) {
      const logFile = join(logsDir, 'broker.log');
      const listeners = options.brokerListeners ?? [];
      launch(prepareBroker({ dataDir, ports, logFile, env, listeners }));
    }
    const brokers = config.kafkaBrokers ?? `127.0.0.1:${ports.broker}`;
    if (!config.databaseUrl) await awaitDatabase(databaseUrl, patience);
    step(`database ready on ${new URL(databaseUrl).host}`);
    await ensureTopics(brokers, options.mode, patience, config.shards);
    step(`broker ready on ${brokers}`);
    return { brokers, databaseUrl, children, stop };
  } catch (error) {
    await stop();
    throw options.signal?.aborted ? interrupted() : error;
  }
}
