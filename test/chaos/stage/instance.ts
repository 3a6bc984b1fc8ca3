import type { ServiceName } from '../../../apps/cli/src/stack/ports.js';
import { Child, type ChildSpec } from '../../../apps/cli/src/stack/child.js';
import type { TcpProxy } from './tcp-proxy.js';

/** One of several instances of a service, with what stands between it and broker and database. */
export class Instance {
  private child: Child | null = null;

  constructor(
    readonly name: string,
    readonly service: ServiceName,
    readonly port: number,
    private readonly spec: ChildSpec,
    readonly way: { readonly broker: TcpProxy; readonly database: TcpProxy },
  ) {}

  get pid(): number | null {
    return this.child?.pid ?? null;
  }

  /** @param skewMs how far its own clock is ahead of the machine's */
  start(skewMs = 0): void {
    this.child = new Child({ ...this.spec, env: { ...this.spec.env, MAKEGOOD_CLOCK_SKEW_MS: String(skewMs) } });
    this.child.start();
  }

  /** SIGTERM, by force after its deadline; it stays away until `start`. */
  async stop(): Promise<void> {
    this.signal('SIGCONT'); // a frozen process hears nothing else
    await this.child?.stop();
    this.child = null;
  }

  /** kill -9, and away until `start`. */
  async fell(): Promise<void> {
    const ended = this.child?.stop();
    this.signal('SIGKILL');
    await ended;
    this.child = null;
  }

  /** A signal to the process; one that ends it is answered by its launcher with a fresh one. */
  signal(name: NodeJS.Signals): void {
    const pid = this.child?.pid;
    if (!pid) return;
    try {
      process.kill(pid, name);
    } catch {
      // it ended by itself in the meantime
    }
  }

  async isReady(): Promise<boolean> {
    try {
      const url = `http://127.0.0.1:${this.port}/health/ready`;
      const { status } = await fetch(url, { signal: AbortSignal.timeout(5_000) });
      return status === 200;
    } catch {
      return false;
    }
  }
}
