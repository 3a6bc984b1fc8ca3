import { resolve } from 'node:path';
import { clock } from '../clock.js';
import type { CliConfig } from '../config.js';
import { startDetached } from '../stack/detached.js';
import { DEFAULT_PORT_BASE, portsOf, SERVICE_NAMES } from '../stack/ports.js';
import { DEFAULT_DATA_DIR } from '../stack/project.js';
import { readState, runningStack } from '../stack/state.js';
import { Supervisor, type StackOptions } from '../stack/supervisor.js';
import { seconds } from '../terminal/layout.js';
import type { Terminal } from '../terminal/terminal.js';

export interface UpOptions {
  readonly dataDir?: string;
  readonly portBase?: number;
  readonly guarantees?: string;
  readonly detach?: boolean;
  readonly only?: string;
  readonly mode?: 'live' | 'replay';
}

/** `up`: starts the stack, says where everything is, and stays until Ctrl-C (or returns, with --detach). */
export async function up(options: UpOptions, config: CliConfig, terminal: Terminal): Promise<void> {
  const startedAtMs = clock.nowMs();
  const stack = stackOptions(options, config, terminal);
  const running = runningStack(stack.dataDir);
  if (running) {
    terminal.line(`✓ already running in ${stack.dataDir} (${running.phase}, ${running.mode} mode)`);
    for (const line of addresses(running.portBase)) terminal.line(line);
    return;
  }
  if (options.detach) {
    await terminal.busy('starting', () => startDetached(stack));
  } else {
    const supervisor = new Supervisor(stack);
    const ended = stopOnSignal(supervisor, terminal);
    await Promise.race([terminal.busy('starting', () => supervisor.start()), ended]);
    tellReady(stack, startedAtMs, terminal);
    terminal.line('  Ctrl-C stops it in order.');
    await ended;
    return;
  }
  tellReady(stack, startedAtMs, terminal);
  terminal.line(`  stop: ./makegood down${stack.dataDir === DEFAULT_DATA_DIR ? '' : ` --data-dir ${stack.dataDir}`}`);
}

/** The hidden `supervise`: a stack's launcher without a terminal. */
export async function supervise(options: UpOptions, config: CliConfig, terminal: Terminal): Promise<void> {
  const supervisor = new Supervisor(stackOptions(options, config, terminal));
  const ended = stopOnSignal(supervisor, terminal);
  await supervisor.start();
  await ended;
}

function stackOptions(options: UpOptions, config: CliConfig, terminal: Terminal): StackOptions {
  const dataDir = resolve(options.dataDir ?? DEFAULT_DATA_DIR);
  const known = readState(dataDir);
  return {
    dataDir,
    portBase: options.portBase ?? known?.portBase ?? DEFAULT_PORT_BASE,
    mode: options.mode ?? known?.mode ?? 'live',
    config,
    guaranteesDir: options.guarantees ? resolve(options.guarantees) : null,
    only: options.only ? options.only.split(',') : null,
    onStep: (text) => terminal.note(`  ✓ ${text}`),
  };
}

/** Resolves once a signal came and the stack is down. */
function stopOnSignal(supervisor: Supervisor, terminal: Terminal): Promise<void> {
  return new Promise((resolveEnded) => {
    const end = (): void => {
      terminal.note('  stopping: services, broker, database');
      void supervisor.stop().then(() => resolveEnded());
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
  });
}

function tellReady(stack: StackOptions, startedAtMs: number, terminal: Terminal): void {
  terminal.line(
    `${terminal.paint('green', '✓')} ready in ${seconds(clock.nowMs() - startedAtMs)} (${stack.mode} mode, data in ${stack.dataDir})`,
  );
  for (const line of addresses(stack.portBase)) terminal.line(line);
}

/** Where the parts of a stack listen, one a line. */
export function addresses(portBase: number): string[] {
  const ports = portsOf(portBase);
  const width = Math.max(...SERVICE_NAMES.map((name) => name.length));
  return [
    ...SERVICE_NAMES.map((name) => `  ${name.padEnd(width)}  http://127.0.0.1:${ports[name]}`),
    `  ${'Kafka'.padEnd(width)}  127.0.0.1:${ports.broker}`,
    `  ${'PostgreSQL'.padEnd(width)}  127.0.0.1:${ports.database}`,
  ];
}
