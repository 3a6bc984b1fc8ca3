import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, closeSync, openSync } from 'node:fs';
import { formatInstant } from '#libs/kernel';
import { clock } from '../clock.js';

export interface ChildSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Both output streams are appended here. */
  readonly logFile: string;
  /** Runs as this user (only root may ask for it). */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** The signal that asks it to end in order. */
  readonly stopSignal: NodeJS.Signals;
  /** How long it may take before it is killed. */
  readonly stopWithinMs: number;
}

const BACKOFF_FIRST_MS = 200;
const BACKOFF_MAX_MS = 10_000;
/** A child that lived this long starts again at once, with the first backoff. */
const STEADY_AFTER_MS = 30_000;

/**
 * One child process, restarted when it dies until `stop` is called. It gets a process group of its own, so that
 * Ctrl-C reaches only the launcher, who then stops the children in order.
 */
export class Child {
  private process: ChildProcess | null = null;
  private exited: Promise<void> = Promise.resolve();
  private stopping = new AbortController();
  private backoffMs = BACKOFF_FIRST_MS;
  restarts = 0;

  constructor(
    readonly spec: ChildSpec,
    /** Told whenever the process id changes; null: not running. */
    private readonly onPid: (pid: number | null) => void = () => undefined,
  ) {}

  get pid(): number | null {
    return this.process?.pid ?? null;
  }

  start(): void {
    const startedAtMs = clock.nowMs();
    const log = openSync(this.spec.logFile, 'a');
    const child = spawn(this.spec.command, [...this.spec.args], {
      cwd: this.spec.cwd,
      env: this.spec.env as NodeJS.ProcessEnv,
      stdio: ['ignore', log, log],
      detached: true,
      ...(this.spec.user ?? {}),
    });
    closeSync(log);
    this.process = child;
    this.onPid(child.pid ?? null);
    this.exited = new Promise((resolve) => {
      const ended = (how: string): void => {
        if (this.process !== child) return;
        this.process = null;
        this.onPid(null);
        resolve();
        if (!this.stopping.signal.aborted) void this.restart(how, startedAtMs);
      };
      child.once('error', (error) => ended(error.message));
      child.once('exit', (code, signal) => ended(signal ? `killed by ${signal}` : `exit code ${code}`));
    });
  }

  /** Ends the process in order, by force after `stopWithinMs`; resolves once it is gone. */
  async stop(): Promise<void> {
    this.stopping.abort();
    const child = this.process;
    if (!child) return this.exited;
    child.kill(this.spec.stopSignal);
    const patience = new AbortController();
    const killer = clock.sleep(this.spec.stopWithinMs, patience.signal).then(() => {
      if (patience.signal.aborted || this.process !== child) return;
      this.note(`did not end within ${this.spec.stopWithinMs} ms: killed`);
      child.kill('SIGKILL');
    });
    await this.exited;
    patience.abort();
    await killer;
  }

  private async restart(how: string, startedAtMs: number): Promise<void> {
    if (clock.nowMs() - startedAtMs >= STEADY_AFTER_MS) this.backoffMs = BACKOFF_FIRST_MS;
    this.note(`ended (${how}); starts again in ${this.backoffMs} ms`);
    await clock.sleep(this.backoffMs, this.stopping.signal);
    if (this.stopping.signal.aborted) return;
    this.backoffMs = Math.min(this.backoffMs * 2, BACKOFF_MAX_MS);
    this.restarts += 1;
    this.start();
  }

  private note(text: string): void {
    appendFileSync(this.spec.logFile, `${formatInstant(clock.nowMs())} launcher: ${this.spec.name} ${text}\n`);
  }
}
