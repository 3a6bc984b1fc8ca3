import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_SHARD_COUNT, partitionOf, TOPICS } from '#libs/contracts';
import { createKafka, SerialProducer, type OutgoingRecord } from '#libs/messaging';
import { SystemClock } from '#libs/observability';
import { openDatabase } from '#libs/persistence';
import { formatApiKey, hashSecret, newApiKey } from '#libs/security';
import { readConfig } from '../../../apps/cli/src/config.js';
import { freePortBase } from '../../../apps/cli/src/stack/free-ports.js';
import { startInfrastructure } from '../../../apps/cli/src/stack/infrastructure.js';
import { PROJECT_ROOT } from '../../../apps/cli/src/stack/project.js';
import { peakRssKib } from '../../../apps/cli/src/stack/process-table.js';
import { cpuMsOf } from '../pipeline/cpu.js';
import { end } from '../pipeline/contender.js';
import { waitUntil } from '../pipeline/wait.js';
import { SEED_CUSTOMERS, SEED_WATCHES } from './seed-sql.js';
import { customerOf, signalOf } from './signals.js';

export interface LoyaltyOptions {
  readonly customers: number;
  readonly signals: number;
  readonly portBase: number | null;
  /** Where the CPU profile of the measured run goes; null: none is taken. */
  readonly profileDir: string | null;
  readonly json: boolean;
}

const SCHEMA = 'loyalty';
const READS = 2_000;
const READERS = 4;
const SEND_AT_ONCE = 4_000;

const note = (text: string): void => void process.stderr.write(`${text}\n`);

/** `bench loyalty`: signals/s of one instance over many customers, latency of one customer's page, memory. */
export async function loyalty(options: LoyaltyOptions): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'makegood-bench-'));
  chmodSync(dataDir, 0o711); // the database may run as another user
  const portBase = options.portBase ?? (await freePortBase());
  const config = readConfig();
  const infrastructure = await startInfrastructure({ dataDir, portBase, mode: 'live', config, onStep: note });
  let service: ChildProcess | null = null;
  try {
    const { brokers, databaseUrl } = infrastructure;
    const key = newApiKey();
    const stage = { brokers, databaseUrl, dataDir, port: portBase + 4, key: `${key.keyId}:${hashSecret(key.secret)}` };
    service = start(stage);
    const ask = (path: string) =>
      fetch(`http://127.0.0.1:${stage.port}${path}`, { headers: { authorization: `Bearer ${formatApiKey(key)}` } });
    const isDrained = async (): Promise<boolean> =>
      ((await (await ask('/progress')).json()) as { drained: boolean }).drained;
    await waitUntil(async () => (await ask('/health/ready').catch(() => null))?.status === 200, 'loyalty is ready');
    await seed(databaseUrl, options.customers);
    await send(brokers, 0, 20_000, options.customers); // warms up
    await waitUntil(isDrained, 'the first signals are read', 300_000);

    const pid = service.pid as number;
    const cpuBefore = cpuMsOf(pid) ?? 0;
    await end(service);
    await send(brokers, 20_000, options.signals, options.customers);
    service = start({ ...stage, profileDir: options.profileDir });
    await waitUntil(async () => (await ask('/health/ready').catch(() => null))?.status === 200, 'loyalty is ready');
    const startMs = performance.now();
    await waitUntil(isDrained, 'the signals are read', 1_800_000, 100);
    const elapsedMs = performance.now() - startMs;
    const figures = {
      customers: options.customers,
      signals: options.signals,
      signalsPerSecond: Math.round((options.signals / elapsedMs) * 1_000),
      cpuUsPerSignal: Math.round((((cpuMsOf(service.pid as number) ?? 0) * 1_000) / options.signals) * 10) / 10,
      ...(await readLatency(ask, options.customers)),
      peakMiB: Math.round((peakRssKib(service.pid as number) ?? 0) / 1_024),
    };
    note(`first run's CPU: ${cpuBefore} ms`);
    print(figures, options.json);
  } finally {
    if (service) await end(service);
    await infrastructure.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

interface Stage {
  readonly brokers: string;
  readonly databaseUrl: string;
  readonly dataDir: string;
  readonly port: number;
  readonly key: string;
  readonly profileDir?: string | null;
}

function start({ brokers, databaseUrl, dataDir, port, key, profileDir }: Stage): ChildProcess {
  mkdirSync(join(dataDir, 'logs'), { recursive: true });
  if (profileDir) mkdirSync(profileDir, { recursive: true });
  const profiling = profileDir
    ? ['--cpu-prof', `--cpu-prof-dir=${profileDir}`, '--cpu-prof-name=loyalty.cpuprofile']
    : [];
  const log = openSync(join(dataDir, 'logs', 'loyalty.log'), 'a');
  const main = join(PROJECT_ROOT, 'dist/apps/loyalty/src/main.js');
  const child = spawn(process.execPath, [...profiling, '--enable-source-maps', main], {
    cwd: PROJECT_ROOT,
    stdio: ['ignore', log, log],
    env: {
      PATH: process.env['PATH'],
      MAKEGOOD_PORT: String(port),
      KAFKA_BROKERS: brokers,
      DATABASE_URL: databaseUrl,
      MAKEGOOD_SHARDS: String(DEFAULT_SHARD_COUNT),
      MAKEGOOD_SIGNALS_FILE: 'samples/signals.yaml',
      MAKEGOOD_BOOTSTRAP_KEY: key,
      LOG_LEVEL: 'warn',
    },
  });
  closeSync(log);
  return child;
}

/** Customers with a short history each, straight into the tables: what is measured starts after it. */
async function seed(url: string, customers: number): Promise<void> {
  const startMs = performance.now();
  const database = await openDatabase({ url, schema: SCHEMA, applicationName: 'bench', migrations: [] });
  try {
    await database.query(SEED_CUSTOMERS, [customers]);
    await database.query(SEED_WATCHES, [DEFAULT_SHARD_COUNT]);
    await database.query('analyze customer', []);
  } finally {
    await database.close();
  }
  note(`${customers} customers seeded in ${Math.round((performance.now() - startMs) / 1_000)} s`);
}

async function send(brokers: string, from: number, count: number, customers: number): Promise<void> {
  const kafka = createKafka({ brokers: brokers.split(','), clientId: 'bench-loyalty' });
  const producer = new SerialProducer(kafka, new SystemClock());
  try {
    for (let i = from; i < from + count; i += SEND_AT_ONCE) {
      const records: OutgoingRecord[] = [];
      for (let n = i; n < Math.min(i + SEND_AT_ONCE, from + count); n++) {
        const customer = customerOf(n, customers);
        const partition = partitionOf(customer, DEFAULT_SHARD_COUNT);
        records.push({ topic: TOPICS.signals, partition, key: customer, value: JSON.stringify(signalOf(n, customer)) });
      }
      await producer.send(records);
    }
  } finally {
    await producer.close();
  }
}

/** Pages of customers all over the table, a few readers at a time. */
async function readLatency(ask: (path: string) => Promise<Response>, customers: number) {
  const latencies: number[] = [];
  let next = 0;
  const read = async (): Promise<void> => {
    while (next < READS) {
      const customer = customerOf(next++ * 7_919, customers);
      const startMs = performance.now();
      const answer = await ask(`/customers/${customer}`);
      await answer.text();
      if (answer.status !== 200) throw new Error(`GET /customers/${customer}: ${answer.status}`);
      latencies.push(performance.now() - startMs);
    }
  };
  await Promise.all(Array.from({ length: READERS }, read));
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => Math.round((latencies[Math.floor(latencies.length * share)] ?? 0) * 10) / 10;
  return { getP50Ms: at(0.5), getP99Ms: at(0.99) };
}

function print(figures: Readonly<Record<string, number>>, json: boolean): void {
  for (const [name, value] of Object.entries(figures)) process.stdout.write(`${name.padEnd(20)} ${value}\n`);
  if (json) process.stdout.write(`${JSON.stringify({ bench: 'loyalty', product: figures })}\n`);
}
