import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatInstant, ProblemError, type Problem } from '#libs/kernel';
import { clock, waitFor } from '../clock.js';
import type { CliConfig } from '../config.js';
import { interrupted, problemFrom } from '../errors.js';
import { ensureAdminKey } from './admin-key.js';
import { Child } from './child.js';
import { StackClient } from './client.js';
import { activateGuarantees, checkedGuaranteeSet, DEFAULT_GUARANTEES_DIR } from './guarantee-set.js';
import { startInfrastructure, type Infrastructure } from './infrastructure.js';
import { stopLeftovers } from './leftovers.js';
import { assertPortsFree } from './port-owner.js';
import { portsOf, SERVICE_NAMES, type ServiceName } from './ports.js';
import { serviceSpec } from './services.js';
import { dropSupervisorLock, takeSupervisorLock, writeState, type StackState } from './state.js';
import type { StackMode } from './topics.js';

export interface StackOptions {
  readonly dataDir: string;
  readonly portBase: number;
  readonly mode: StackMode;
  readonly config: CliConfig;
  /** Folder of guarantees; null: the one of the last start, else the ready-made ones. */
  readonly guaranteesDir: string | null;
  /** Only these parts: "broker", "database" and service names; null: all. */
  readonly only: readonly string[] | null;
  readonly onStep?: (text: string) => void;
}

const READY_WITHIN_MS = 120_000;
/** A service that died this often during the start will not come up by itself. */
const RESTARTS_MAX = 4;

/** Starts a whole stack, keeps its children alive and its state file true, and stops it in order. */
export class Supervisor {
  private state: StackState;
  private infrastructure: Infrastructure | null = null;
  private services: Child[] = [];
  private starting: Promise<void> | null = null;
  private stopped: Promise<void> | null = null;
  private readonly giveUp = new AbortController();

  constructor(private readonly options: StackOptions) {
    this.state = {
      mode: options.mode,
      portBase: options.portBase,
      phase: 'starting',
      supervisorPid: process.pid,
      startedAt: formatInstant(clock.nowMs()),
      brokers: null,
      pids: {},
      steps: [],
    };
  }

  /** Resolves when every part is ready. On failure everything is stopped again, and the state says why. */
  start(): Promise<void> {
    this.starting ??= this.startOnce();
    return this.starting;
  }

  /** Services first, then the broker, then the database; a start under way is given up. Safe to call twice. */
  async stop(): Promise<void> {
    this.giveUp.abort();
    await this.starting?.catch(() => undefined);
    await this.stopOnce();
  }

  private async startOnce(): Promise<void> {
    const { dataDir } = this.options;
    mkdirSync(join(dataDir, 'logs'), { recursive: true });
    takeSupervisorLock(dataDir);
    try {
      const leftovers = await stopLeftovers(dataDir);
      this.update({});
      if (leftovers > 0) this.step(`stopped ${leftovers} processes that an earlier run left behind`);
      const names = this.serviceNames();
      if (names.includes('sla-timer')) await checkedGuaranteeSet(this.guaranteesDir());
      await assertPortsFree(this.wantedPorts(names), this.options.portBase);
      this.infrastructure = await startInfrastructure({
        ...this.options,
        signal: this.giveUp.signal,
        onStep: (text) => this.step(text),
        onPid: (name, pid) => this.setPid(name, pid),
      });
      this.update({ brokers: this.infrastructure.brokers });
      this.startServices(names, this.infrastructure);
      await this.awaitServices(names);
      this.update({ phase: 'ready' });
    } catch (error) {
      await this.stopOnce(problemFrom(error));
      throw error;
    }
  }

  private stopOnce(problem?: Problem): Promise<void> {
    this.stopped ??= this.stopAll(problem);
    return this.stopped;
  }

  private async stopAll(problem?: Problem): Promise<void> {
    if (!problem) this.update({ phase: 'stopping' });
    await Promise.all(this.services.map((child) => child.stop()));
    await this.infrastructure?.stop();
    this.update(problem ? { phase: 'failed', problem } : { phase: 'stopped' });
    dropSupervisorLock(this.options.dataDir);
  }

  private startServices(names: readonly ServiceName[], infrastructure: Infrastructure): void {
    const context = { ...this.options, ...infrastructure, adminKey: ensureAdminKey(this.options.dataDir) };
    this.services = names.map((name) => new Child(serviceSpec(name, context), (pid) => this.setPid(name, pid)));
    this.services.forEach((child) => child.start());
  }

  private async awaitServices(names: readonly ServiceName[]): Promise<void> {
    const { dataDir, portBase } = this.options;
    if (names.length === 0) return;
    const client = new StackClient(dataDir, portBase, this.state);
    const others = names.filter((name) => name !== 'intake');
    await Promise.all(others.map((name) => this.awaitReady(client, name)));
    if (names.includes('sla-timer')) await this.activate(client);
    if (names.includes('intake')) await this.awaitReady(client, 'intake');
  }

  private async activate(client: StackClient): Promise<void> {
    const dir = this.guaranteesDir();
    await activateGuarantees(client, dir, this.options.guaranteesDir !== null);
    writeFileSync(this.memoryOfDir(), `${dir}\n`);
    this.step(`guarantees of ${dir} activated`);
  }

  /** As asked; else as at the last start; else the ready-made ones. */
  private guaranteesDir(): string {
    const memory = this.memoryOfDir();
    const known = existsSync(memory) ? readFileSync(memory, 'utf8').trim() : null;
    return this.options.guaranteesDir ?? known ?? DEFAULT_GUARANTEES_DIR;
  }

  private memoryOfDir(): string {
    return join(this.options.dataDir, 'guarantees.dir');
  }

  private async awaitReady(client: StackClient, name: ServiceName): Promise<void> {
    const child = this.services.find((service) => service.spec.name === name) as Child;
    const startedAtMs = clock.nowMs();
    const answer = await waitFor(
      async () => {
        if (child.restarts >= RESTARTS_MAX) return 'dying';
        const response = await client.request(name, '/health/ready').catch(() => null);
        return response?.status === 200 ? 'ready' : null;
      },
      { withinMs: READY_WITHIN_MS, everyMs: 100, signal: this.giveUp.signal },
    );
    if (this.giveUp.signal.aborted) throw interrupted();
    if (answer === 'ready') return this.step(`${name} ready on 127.0.0.1:${portsOf(client.portBase)[name]}`);
    const found =
      answer === 'dying'
        ? `it ended ${RESTARTS_MAX} times`
        : `not ready after ${Math.round((clock.nowMs() - startedAtMs) / 1_000)} s`;
    throw new ProblemError({
      code: 'SERVICE_NOT_READY',
      detail: `${name} ready → ${found}; its last words: ${lastLine(child.spec.logFile)}`,
      advice: `read ${child.spec.logFile}`,
    });
  }

  private serviceNames(): ServiceName[] {
    const { only } = this.options;
    return SERVICE_NAMES.filter((name) => !only || only.includes(name));
  }

  private wantedPorts(names: readonly ServiceName[]): { port: number; use: string }[] {
    const ports = portsOf(this.options.portBase);
    return names.map((name) => ({ port: ports[name], use: name }));
  }

  private setPid(name: string, pid: number | null): void {
    const { [name]: _old, ...others } = this.state.pids;
    this.update({ pids: pid === null ? others : { ...others, [name]: pid } });
  }

  private step(text: string): void {
    this.update({ steps: [...this.state.steps, text] });
    this.options.onStep?.(text);
  }

  private update(change: Partial<StackState>): void {
    this.state = { ...this.state, ...change };
    writeState(this.options.dataDir, this.state);
  }
}

function lastLine(file: string): string {
  try {
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    const told = lines.filter((line) => !line.includes(' launcher: ')).at(-1) ?? '';
    return told.slice(0, 300) || 'none';
  } catch {
    return 'none';
  }
}
