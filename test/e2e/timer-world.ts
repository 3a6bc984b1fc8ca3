import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CONTROL_TYPES,
  DEFAULT_SHARD_COUNT,
  encodeCloudEvent,
  partitionOf,
  SOURCES,
  TICK_TYPE,
  TOPICS,
  type CloudEvent,
  type PromiseEventData,
  type SilentSource,
} from '#libs/contracts';
import { compileGuarantees } from '#libs/guarantees';
import { formatInstant } from '#libs/kernel';
import { createKafka, LogReader, SerialProducer, type OutgoingRecord } from '#libs/messaging';
import { SystemClock } from '#libs/clock';
import { formatApiKey, hashSecret, newApiKey } from '#libs/security';
import { readConfig } from '../../apps/cli/src/config.js';
import { startInfrastructure, type Infrastructure } from '../../apps/cli/src/stack/infrastructure.js';
import { freePortBase, until } from './infrastructure.js';

const MINUTE_MS = 60_000;

export type Said = CloudEvent<PromiseEventData> & { readonly offset: number; readonly partition: number };
/** An event and its place. */
export type Read = CloudEvent & { readonly offset: number; readonly partition: number };
export type ServiceName = 'intake' | 'sla-timer' | 'compensation' | 'loyalty';

/**
 * sla-timer and compensation as real processes on a real Kafka and PostgreSQL, whose time the test tells: topics keep the
 * time that a record is given, and ticks come when the test says so. Nothing waits for a clock.
 */
export class TimerWorld {
  private readonly running = new Map<string, { readonly child: ChildProcess; readonly port: number }>();
  private readonly admin = newApiKey();
  private readonly seen = new Map<string, { events: Read[]; nexts: Map<number, number> }>();

  private constructor(
    private readonly infrastructure: Infrastructure,
    private readonly dataDir: string,
    readonly reader: LogReader,
    readonly producer: SerialProducer,
    private readonly env: Readonly<Record<string, string>>,
    readonly shards: number,
  ) {}

  /** @param env of every service, beside what it needs */
  static async open(env: Readonly<Record<string, string>> = {}, shards = DEFAULT_SHARD_COUNT): Promise<TimerWorld> {
    const dataDir = mkdtempSync(join(tmpdir(), 'makegood-timer-'));
    chmodSync(dataDir, 0o711); // PostgreSQL's user must get through to its data
    const config = { ...readConfig(), shards };
    const infrastructure = await startInfrastructure({
      dataDir,
      portBase: await freePortBase(),
      mode: 'replay',
      config,
    });
    const kafka = createKafka({ brokers: [infrastructure.brokers], clientId: 'timer-spec' });
    const producer = new SerialProducer(kafka, new SystemClock());
    return new TimerWorld(infrastructure, dataDir, new LogReader(kafka), producer, env, shards);
  }

  async close(): Promise<void> {
    for (const name of [...this.running.keys()]) await this.kill(name);
    await this.producer.close();
    await this.reader.close();
    await this.infrastructure.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  get brokers(): string {
    return this.infrastructure.brokers;
  }

  get databaseUrl(): string {
    return this.infrastructure.databaseUrl;
  }

  /** @param as another name starts another instance of the service. @param env of this instance alone */
  async start(
    service: ServiceName,
    as: string = service,
    databaseUrl = this.databaseUrl,
    env: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const port = await freePort();
    const child = spawn(process.execPath, [`dist/apps/${service}/src/main.js`], {
      stdio: process.env['TEST_SERVICE_LOGS'] ? 'inherit' : 'ignore',
      env: {
        ...this.env,
        ...env,
        PATH: process.env['PATH'],
        MAKEGOOD_PORT: String(port),
        MAKEGOOD_MODE: 'replay',
        MAKEGOOD_SHARDS: String(this.shards),
        KAFKA_BROKERS: this.infrastructure.brokers,
        DATABASE_URL: databaseUrl,
        MAKEGOOD_BOOTSTRAP_KEY: `${this.admin.keyId}:${hashSecret(this.admin.secret)}`,
      },
    });
    this.running.set(as, { child, port });
    // intake is ready only with a set of guarantees, which comes later.
    const path = service === 'intake' ? '/health/live' : '/health/ready';
    await until(`${as} to be ready`, async () => (await this.http(as, path).catch(() => null))?.ok, 60_000);
  }

  async kill(as: string): Promise<void> {
    const child = this.running.get(as)?.child;
    this.running.delete(as);
    if (!child || child.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  http(as: string, path: string, init: RequestInit = {}): Promise<Response> {
    const own = { authorization: `Bearer ${formatApiKey(this.admin)}`, 'content-type': 'application/json' };
    const headers = { ...own, ...(init.headers as Record<string, string> | undefined) };
    return fetch(`http://127.0.0.1:${this.running.get(as)?.port}${path}`, { ...init, headers });
  }

  async json<T>(as: string, path: string, body?: unknown): Promise<T> {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    return (await (await this.http(as, path, init)).json()) as T;
  }

  /** Guarantee files into every shard and the control topic, as intake copies them. */
  async activate(files: Readonly<Record<string, string>>, atMs: number): Promise<void> {
    const compiled = compileGuarantees(Object.entries(files).map(([file, text]) => ({ file, text })));
    if (compiled.problems) throw new Error(JSON.stringify(compiled.problems));
    const id = randomUUID();
    await this.command(CONTROL_TYPES.guaranteesActivated, { setHash: id, files: compiled.files }, atMs);
  }

  /** A command as intake's lease holder copies it. */
  async command(type: string, data: unknown, atMs: number): Promise<void> {
    const value = encodeCloudEvent({
      specversion: '1.0',
      id: randomUUID(),
      source: SOURCES.slaTimer,
      type,
      subject: 'command',
      time: formatInstant(atMs),
      data,
    });
    const record = (topic: string, partition: number): OutgoingRecord => ({
      topic,
      partition,
      key: 'command',
      value,
      timestampMs: atMs,
    });
    const shards = Array.from({ length: this.shards }, (_, shard) => shard);
    await this.producer.send([
      record(TOPICS.control, 0),
      ...shards.flatMap((shard) => [record(TOPICS.events, shard), record(TOPICS.settlements, shard)]),
    ]);
  }

  /** Facts as intake writes them, received at `receivedAtMs`. */
  async facts(events: readonly CloudEvent<unknown>[], receivedAtMs: number): Promise<void> {
    for (let i = 0; i < events.length; i += 5_000) {
      await this.producer.send(
        events.slice(i, i + 5_000).map((event) => ({
          topic: TOPICS.events,
          partition: partitionOf(event.subject, this.shards),
          key: event.subject,
          value: encodeCloudEvent(event),
          timestampMs: receivedAtMs,
        })),
      );
    }
  }

  async settlement(event: CloudEvent<unknown>, key: string, atMs: number): Promise<void> {
    const [topic, partition] = [TOPICS.settlements, partitionOf(key, this.shards)];
    await this.producer.send([{ topic, partition, key, value: encodeCloudEvent(event), timestampMs: atMs }]);
  }

  /**
   * Ticks to every shard, one a minute if not said otherwise, from the first instant to the second, both included.
   * @param apartMs so much later in each shard than in the one before
   */
  async ticks(
    fromMs: number,
    toMs: number,
    {
      silent = [],
      everyMs = MINUTE_MS,
      apartMs = 0,
    }: { silent?: readonly SilentSource[]; everyMs?: number; apartMs?: number } = {},
  ): Promise<void> {
    const records: OutgoingRecord[] = [];
    for (let atMs = fromMs; ; atMs = Math.min(atMs + everyMs, toMs)) {
      const value = encodeCloudEvent({
        specversion: '1.0',
        id: randomUUID(),
        source: SOURCES.intake,
        type: TICK_TYPE,
        subject: 'tick',
        time: formatInstant(atMs),
        data: { everyMs, silent },
      });
      for (let partition = 0; partition < this.shards; partition++)
        records.push({ topic: TOPICS.events, partition, key: 'tick', value, timestampMs: atMs + partition * apartMs });
      if (atMs >= toMs) break;
    }
    for (let i = 0; i < records.length; i += 6_000) await this.producer.send(records.slice(i, i + 6_000));
  }

  /** Resolves when the services have read and published all there is, sla-timer first. */
  async drained(services: readonly string[] = [...this.running.keys()], withinMs = 120_000): Promise<void> {
    for (const name of [...services, ...services]) {
      await until(
        `${name} to be drained`,
        async () => (await this.json<{ drained: boolean }>(name, '/progress').catch(() => null))?.drained,
        withinMs,
      );
    }
  }

  /** Everything on a topic so far, by partition and offset; what was read before is not read again. */
  async topic(name: string): Promise<readonly Read[]> {
    const seen = this.seen.get(name) ?? { events: [], nexts: new Map<number, number>() };
    this.seen.set(name, seen);
    for (const { partition, low, high } of await this.reader.offsetsOf(name)) {
      const from = seen.nexts.get(partition) ?? low;
      await this.reader.readRange({ topic: name, partition, from, to: high }, async (records) => {
        for (const { value, offset } of records) {
          seen.events.push({ ...(JSON.parse(value.toString('utf8')) as CloudEvent), offset, partition });
          seen.nexts.set(partition, offset + 1);
        }
      });
    }
    return seen.events;
  }

  /** What was said of a promise, in order, each once. */
  async said(subject: string): Promise<Said[]> {
    const all = (await this.topic(TOPICS.promises)) as unknown as readonly Said[];
    const once = new Map(all.filter((event) => event.subject === subject).map((event) => [event.id, event]));
    return [...once.values()].sort((a, b) => a.data.sequence - b.data.sequence);
  }
}

/** The kinds of what was said: `opened`, `breached` … */
export function kindsOf(said: readonly { readonly type: string }[]): string[] {
  return said.map(({ type }) => type.slice('makegood.promise.'.length));
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
