import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { CloudEvent } from '#libs/contracts';
import { createKafka, LogReader, SerialProducer } from '#libs/messaging';
import { SystemClock } from '#libs/clock';
import { freePortBase, until } from '../e2e/infrastructure.js';

const ROOT = resolve(import.meta.dirname, '../..');

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `./makegood` as a user does; never rejects. */
export function makegood(
  args: readonly string[],
  options: { env?: Record<string, string>; withinMs?: number } = {},
): Promise<Ran> {
  return new Promise((resolveRun) => {
    const settings = {
      cwd: ROOT,
      env: { ...process.env, ...options.env },
      timeout: options.withinMs ?? 300_000,
      maxBuffer: 64 * 1024 * 1024,
    };
    execFile(join(ROOT, 'makegood'), [...args], settings, (error, stdout, stderr) => {
      resolveRun({ code: error ? (typeof error.code === 'number' ? error.code : 1) : 0, stdout, stderr });
    });
  });
}

export type Seen = CloudEvent & { readonly appendedAtMs: number };

/** A whole stack of its own, started and stopped by the command line. */
export class Stack {
  readonly reader: LogReader;
  readonly producer: SerialProducer;
  private constructor(
    readonly dataDir: string,
    readonly portBase: number,
  ) {
    const kafka = createKafka({ brokers: [`127.0.0.1:${portBase + 10}`], clientId: 'journey' });
    this.reader = new LogReader(kafka);
    this.producer = new SerialProducer(kafka, new SystemClock());
  }

  static async up(options: { guarantees?: string; env?: Record<string, string> } = {}): Promise<Stack> {
    const dataDir = mkdtempSync(join(tmpdir(), 'makegood-journey-'));
    chmodSync(dataDir, 0o711); // PostgreSQL's user must get through to its data
    const portBase = await freePortBase();
    const guarantees = options.guarantees ? ['--guarantees', options.guarantees] : [];
    const ran = await makegood(
      ['up', '--detach', '--data-dir', dataDir, '--port-base', String(portBase), ...guarantees],
      { ...(options.env ? { env: options.env } : {}) },
    );
    if (ran.code !== 0) throw new Error(`up failed: ${ran.stdout}${ran.stderr}`);
    return new Stack(dataDir, portBase);
  }

  static at(dataDir: string, portBase: number): Stack {
    return new Stack(dataDir, portBase);
  }

  async down(): Promise<void> {
    await this.producer.close();
    await this.reader.close();
    await makegood(['down', '--data-dir', this.dataDir]);
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  get adminKey(): string {
    return readFileSync(join(this.dataDir, 'admin.key'), 'utf8').trim();
  }

  /** Process ids by name, as `status --json` tells them. */
  pids(): Record<string, number> {
    return (JSON.parse(readFileSync(join(this.dataDir, 'stack.json'), 'utf8')) as { pids: Record<string, number> })
      .pids;
  }

  signal(name: string, signal: NodeJS.Signals): void {
    const pid = this.pids()[name];
    if (!pid) throw new Error(`${name} is not running`);
    process.kill(pid, signal);
  }

  http(
    service: 'intake' | 'sla-timer' | 'compensation' | 'loyalty',
    path: string,
    init: RequestInit = {},
  ): Promise<Response> {
    const port = this.portBase + 1 + ['intake', 'sla-timer', 'compensation', 'loyalty'].indexOf(service);
    const headers = {
      authorization: `Bearer ${this.adminKey}`,
      ...(init.headers as Record<string, string> | undefined),
    };
    return fetch(`http://127.0.0.1:${port}${path}`, { ...init, headers });
  }

  async json<T>(service: Parameters<Stack['http']>[0], path: string): Promise<T> {
    return (await (await this.http(service, path)).json()) as T;
  }

  post(event: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return this.http('intake', '/events', {
      method: 'POST',
      body: typeof event === 'string' ? event : JSON.stringify(event),
      headers: { 'content-type': 'application/cloudevents+json', ...headers },
    });
  }

  /** Everything on a topic so far, with the broker's append times. */
  async topic(name: string): Promise<Seen[]> {
    const seen: Seen[] = [];
    for (const { partition, low, high } of await this.reader.offsetsOf(name)) {
      await this.reader.readRange({ topic: name, partition, from: low, to: high }, async (records) => {
        for (const { value, timestampMs } of records)
          seen.push({ ...(JSON.parse(value.toString('utf8')) as CloudEvent), appendedAtMs: timestampMs });
      });
    }
    return seen.sort((a, b) => a.appendedAtMs - b.appendedAtMs);
  }

  /** The promise of a subject as sla-timer has it, once it is in one of these states. */
  promiseIn(
    subject: string,
    states: readonly string[],
    withinMs = 60_000,
  ): Promise<{ promiseId: string; state: string }> {
    return until(
      `${subject} to be ${states.join(' or ')}`,
      async () => {
        const { promises } = await this.json<{ promises: { promiseId: string; state: string }[] }>(
          'sla-timer',
          `/promises?subject=${subject}`,
        ).catch(() => ({ promises: [] }));
        return promises.find(({ state }) => states.includes(state)) ?? null;
      },
      withinMs,
    );
  }
}

let counted = 0;
export function hotelEvent(
  type: string,
  subject: string,
  occurredAtMs: number,
  id = `j${process.pid}-${++counted}`,
): CloudEvent {
  return {
    specversion: '1.0',
    id,
    source: 'urn:hotel',
    type,
    subject,
    time: new Date(occurredAtMs).toISOString(),
    data: { guestId: `guest-of-${subject}`, nightRate: { amountMinor: 50_000, currency: 'CNY' } },
  };
}
