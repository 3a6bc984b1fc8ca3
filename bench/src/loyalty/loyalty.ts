import type { ChildProcess } from 'node:child_process';
import { DEFAULT_SHARD_COUNT, partitionOf, TOPICS } from '#libs/contracts';
import { createKafka, SerialProducer, type OutgoingRecord } from '#libs/messaging';
import { SystemClock } from '#libs/clock';
import { openDatabase } from '#libs/persistence';
import { formatApiKey, hashSecret, newApiKey } from '#libs/security';
import { portsOf } from '../../../apps/cli/src/stack/ports.js';
import { peakRssKib } from '../../../apps/cli/src/stack/process-table.js';
import { cpuMsOf } from '../pipeline/cpu.js';
import { waitUntil } from '../pipeline/wait.js';
import { end, isReady, startService, type Stage } from '../service.js';
import { note, withStage, type StageOptions } from '../stage.js';
import { SEED_CUSTOMERS, SEED_WATCHES } from './seed-sql.js';
import { customerOf, signalOf } from './signals.js';

export interface LoyaltyOptions extends StageOptions {
  readonly customers: number;
  readonly signals: number;
  readonly json: boolean;
}

const SCHEMA = 'loyalty';
const READS = 2_000;
const READERS = 4;
const SEND_AT_ONCE = 4_000;

/** `bench loyalty`: signals/s of one instance over many customers, latency of one customer's page, memory. */
export async function loyalty(options: LoyaltyOptions): Promise<void> {
  await withStage(options, 'live', async (stage) => print(await measure(stage, options), options.json));
}

async function measure(stage: Stage, options: LoyaltyOptions) {
  const { brokers, databaseUrl } = stage;
  const key = newApiKey();
  const env = {
    MAKEGOOD_SIGNALS_FILE: 'samples/signals.yaml',
    MAKEGOOD_BOOTSTRAP_KEY: `${key.keyId}:${hashSecret(key.secret)}`,
  };
  const ask = (path: string) =>
    fetch(`http://127.0.0.1:${portsOf(stage.portBase).loyalty}${path}`, {
      headers: { authorization: `Bearer ${formatApiKey(key)}` },
    });
  const isDrained = async (): Promise<boolean> =>
    ((await (await ask('/progress')).json()) as { drained: boolean }).drained;
  const start = (profileDir: string | null): ChildProcess =>
    startService({ ...stage, profileDir }, 'loyalty', SCHEMA, env);
  const untilReady = (): Promise<void> => waitUntil(() => isReady(portsOf(stage.portBase).loyalty), 'loyalty is ready');
  let service = start(null);
  try {
    await untilReady();
    await seed(databaseUrl, options.customers);
    await send(brokers, 0, 20_000, options.customers); // warms up
    await waitUntil(isDrained, 'the first signals are read', 300_000);
    note(`first run's CPU: ${cpuMsOf(service.pid as number) ?? 0} ms`);
    await end(service);
    await send(brokers, 20_000, options.signals, options.customers);
    service = start(options.profileDir);
    await untilReady();
    const startMs = performance.now();
    await waitUntil(isDrained, 'the signals are read', 1_800_000, 100);
    const elapsedMs = performance.now() - startMs;
    return {
      customers: options.customers,
      signals: options.signals,
      signalsPerSecond: Math.round((options.signals / elapsedMs) * 1_000),
      cpuUsPerSignal: Math.round((((cpuMsOf(service.pid as number) ?? 0) * 1_000) / options.signals) * 10) / 10,
      ...(await readLatency(ask, options.customers)),
      peakMiB: Math.round((peakRssKib(service.pid as number) ?? 0) / 1_024),
    };
  } finally {
    await end(service);
  }
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
