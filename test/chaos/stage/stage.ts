import { chmodSync, chownSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { readConfig } from '../../../apps/cli/src/config.js';
import { ensureAdminKey, type ApiKey } from '../../../apps/cli/src/stack/admin-key.js';
import { Child } from '../../../apps/cli/src/stack/child.js';
import { StackClient } from '../../../apps/cli/src/stack/client.js';
import { databaseHome, removeDataDir } from '../../../apps/cli/src/stack/database-home.js';
import { DATABASE_NAME } from '../../../apps/cli/src/stack/database.js';
import { activateGuarantees } from '../../../apps/cli/src/stack/guarantee-set.js';
import { startInfrastructure, type Infrastructure } from '../../../apps/cli/src/stack/infrastructure.js';
import { portsOf, SERVICE_NAMES, type ServiceName } from '../../../apps/cli/src/stack/ports.js';
import { PROJECT_ROOT } from '../../../apps/cli/src/stack/project.js';
import { serviceSpec } from '../../../apps/cli/src/stack/services.js';
import { until } from '../waiting.js';
import { Instance } from './instance.js';
import { freeStagePorts, type StagePorts } from './ports.js';
import { SmallDisk } from './small-disk.js';
import { TcpProxy } from './tcp-proxy.js';

const READY_WITHIN_MS = 180_000;
const SMALL_DISK_MIB = 3_072;

export interface StageOptions {
  /** Instances of each service. */
  readonly instances: Readonly<Record<ServiceName, number>>;
  /** Where everything is kept; null: a temporary folder that goes at the end. */
  readonly dataDir: string | null;
  /** The database's tables on a file system of their own, where we may mount one. */
  readonly smallDisk: boolean;
  readonly onStep: (text: string) => void;
}

/** The real stack, each service several times, everything within reach of whoever wants to break it. */
export class Stage {
  readonly instances: Instance[] = [];
  smallDisk: SmallDisk | null = null;
  private readonly proxies: TcpProxy[] = [];
  private readonly servers = new Map<string, Child>();
  private infrastructure: Infrastructure | null = null;
  private closed: Promise<void> | null = null;

  private constructor(
    readonly dataDir: string,
    readonly ports: StagePorts,
    private readonly options: StageOptions,
    readonly adminKey: ApiKey,
  ) {}

  /** Starts everything; a start that fails leaves nothing behind. */
  static async open(options: StageOptions): Promise<Stage> {
    const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'makegood-chaos-'));
    mkdirSync(dataDir, { recursive: true });
    chmodSync(dataDir, 0o711); // PostgreSQL's user must get through to its data
    const stage = new Stage(dataDir, await freeStagePorts(), options, ensureAdminKey(dataDir));
    // Children have process groups of their own: whoever ends us must not leave them behind.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.once(signal, () => void stage.close().finally(() => process.exit(130)));
    try {
      await stage.start();
      return stage;
    } catch (error) {
      await stage.close();
      throw error;
    }
  }

  get brokers(): string {
    return `127.0.0.1:${portsOf(this.ports.base).broker}`;
  }

  get databaseUrl(): string {
    return this.infrastructure?.databaseUrl ?? '';
  }

  of(service: ServiceName): Instance[] {
    return this.instances.filter((instance) => instance.service === service);
  }

  named(name: string): Instance {
    const found = this.instances.find((instance) => instance.name === name);
    if (!found) throw new Error(`no instance ${name}`);
    return found;
  }

  /** The process of broker or database; the same after a restart by its launcher. */
  server(name: 'broker' | 'database'): Child {
    return this.servers.get(name) as Child;
  }

  /** In order, and away until `startServer`. */
  async stopServer(name: 'broker' | 'database'): Promise<void> {
    await this.server(name).stop();
  }

  startServer(name: 'broker' | 'database'): void {
    const child = new Child(this.server(name).spec);
    this.servers.set(name, child);
    child.start();
  }

  /** One statement over a connection of our own, past all proxies. */
  async query<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    const client = new pg.Client({ connectionString: this.databaseUrl, connectionTimeoutMillis: 5_000 });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query(text, [...values])).rows as Row[];
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  async awaitReady(instances: readonly Instance[] = this.instances): Promise<void> {
    for (const instance of instances)
      await until(`${instance.name} to be ready`, () => instance.isReady(), READY_WITHIN_MS);
  }

  /** Everything open, running, undelayed, whatever was done before. */
  async heal(): Promise<void> {
    for (const proxy of this.proxies) proxy.set({ kind: 'open' });
    for (const instance of this.instances) instance.signal('SIGCONT');
    this.smallDisk?.drain();
  }

  /** Stops everything; safe to call twice. */
  close(): Promise<void> {
    this.closed ??= this.closeOnce();
    return this.closed;
  }

  private async closeOnce(): Promise<void> {
    await this.heal();
    await Promise.all(this.instances.map((instance) => instance.stop()));
    for (const child of this.servers.values()) {
      if (child.pid) process.kill(child.pid, 'SIGCONT');
      await child.stop();
    }
    await this.infrastructure?.stop();
    for (const proxy of this.proxies) proxy.close();
    this.smallDisk?.unmount();
    if (this.options.dataDir === null) removeDataDir(this.dataDir);
  }

  private async start(): Promise<void> {
    const { onStep, instances } = this.options;
    const names = SERVICE_NAMES.flatMap((service) =>
      Array.from({ length: instances[service] }, (_, i) => ({ service, name: `${service}-${i + 1}` })),
    );
    this.infrastructure = await startInfrastructure({
      dataDir: this.dataDir,
      portBase: this.ports.base,
      mode: 'live',
      brokerListeners: names.map((_, i) => ({
        port: this.ports.brokerListener(i),
        advertisedPort: this.ports.brokerWay(i),
      })),
      onStep,
    });
    for (const child of this.infrastructure.children) this.servers.set(child.spec.name, child);
    if (this.options.smallDisk) await this.useSmallDisk();
    for (const [i, { service, name }] of names.entries()) await this.prepare(i, service, name);
    this.instances.forEach((instance) => instance.start());
    await this.awaitReady(this.instances.filter(({ service }) => service !== 'intake'));
    await this.activate('test/chaos/guarantees');
    await this.awaitReady();
    onStep(`${this.instances.length} instances of ${SERVICE_NAMES.length} services ready, data in ${this.dataDir}`);
  }

  /** Activates the guarantees of a folder of the project, as the command line does it. */
  async activate(dir: string): Promise<void> {
    const [timer] = this.of('sla-timer');
    const port = (timer as Instance).port;
    // A client finds a service by its distance from a base.
    const client = new StackClient(this.dataDir, port - portsOf(0)['sla-timer']);
    await activateGuarantees(client, join(PROJECT_ROOT, dir), true);
  }

  private async prepare(i: number, service: ServiceName, name: string): Promise<void> {
    const { ports } = this;
    const { database: databasePort } = portsOf(ports.base);
    const way = {
      broker: new TcpProxy(ports.brokerWay(i), ports.brokerListener(i)),
      database: new TcpProxy(ports.databaseWay(i), databasePort),
    };
    this.proxies.push(way.broker, way.database);
    await Promise.all([way.broker.listen(), way.database.listen()]);
    const spec = serviceSpec(service, {
      dataDir: this.dataDir,
      portBase: ports.base,
      mode: 'live',
      brokers: `127.0.0.1:${ports.brokerWay(i)}`,
      databaseUrl: this.databaseUrl.replace(`:${databasePort}/`, `:${ports.databaseWay(i)}/`),
      adminKey: this.adminKey,
      config: readConfig(),
    });
    const port = ports.instance(i);
    const logFile = join(this.dataDir, 'logs', `${name}.log`);
    const env = { ...spec.env, MAKEGOOD_PORT: String(port) };
    this.instances.push(new Instance(name, service, port, { ...spec, name, logFile, env }, way));
  }

  /** Moves the database to a tablespace on a small disk, before anybody is connected to it. */
  private async useSmallDisk(): Promise<void> {
    this.smallDisk = SmallDisk.mount(join(this.dataDir, 'small-disk'), SMALL_DISK_MIB);
    if (!this.smallDisk) return this.options.onStep('no right to mount a file system: no fault "disk full"');
    const dir = join(this.smallDisk.dir, 'tables');
    mkdirSync(dir, { mode: 0o700 });
    const { user } = databaseHome(this.dataDir);
    if (user) chownSync(dir, user.uid, user.gid);
    const client = new pg.Client({ connectionString: this.databaseUrl.replace(/\/[^/]*$/, '/postgres') });
    await client.connect();
    try {
      await client.query(`create tablespace small_disk location '${dir}'`);
      await client.query(`alter database ${DATABASE_NAME} set tablespace small_disk`);
    } finally {
      await client.end();
    }
  }
}
