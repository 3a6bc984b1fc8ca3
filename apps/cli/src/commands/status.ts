import { resolve } from 'node:path';
import { findStack, StackClient } from '../stack/client.js';
import { portsOf, SERVICE_NAMES, type ServiceName } from '../stack/ports.js';
import { peakRssKib } from '../stack/process-table.js';
import { DEFAULT_DATA_DIR } from '../stack/project.js';
import { readState, runningStack, type StackState } from '../stack/state.js';
import { table } from '../terminal/layout.js';
import type { Terminal } from '../terminal/terminal.js';
import type { StackSelector } from './options.js';

interface PartStatus {
  readonly name: string;
  readonly pid: number | null;
  readonly port: number;
  readonly state: 'ready' | 'not ready' | 'running' | 'down';
  readonly peakMiB: number | null;
}

/** `status`: which parts run, where, and whether they are ready. Exit code 0 only when all of it is. */
export async function status(
  options: StackSelector & { readonly json?: boolean },
  terminal: Terminal,
): Promise<number> {
  const byPort = options.portBase !== undefined && options.dataDir === undefined;
  const dataDir = byPort ? findStack(options).dataDir : resolve(options.dataDir ?? DEFAULT_DATA_DIR);
  const running = runningStack(dataDir);
  if (!running) {
    const last = readState(dataDir);
    const phase = last?.phase === 'failed' ? 'failed' : 'down';
    if (options.json) terminal.json({ dataDir, phase, pids: {}, parts: [] });
    else
      terminal.line(
        `✗ ${phase}: no stack is running in ${dataDir}${last?.problem ? `\n  ${last.problem.code}  ${last.problem.detail}` : ''}`,
      );
    return 1;
  }
  const parts = await partsOf(dataDir, running);
  if (options.json) {
    const { mode, portBase, phase, supervisorPid, startedAt, brokers, pids } = running;
    terminal.json({ dataDir, mode, portBase, phase, supervisorPid, startedAt, brokers, pids, parts });
  } else {
    terminal.line(
      `${running.phase === 'ready' ? '✓' : '…'} ${running.phase} (${running.mode} mode) in ${dataDir}, since ${running.startedAt}`,
    );
    const rows = parts.map((p) => [
      `${p.state === 'ready' || p.state === 'running' ? '✓' : '✗'} ${p.state}`,
      p.name,
      String(p.port),
      String(p.pid ?? '–'),
      String(p.peakMiB ?? '–'),
    ]);
    for (const line of table(['state', 'part', 'port', 'pid', 'peak MiB'], rows)) terminal.line(`  ${line}`);
  }
  return running.phase === 'ready' && parts.every((part) => part.state === 'ready' || part.state === 'running') ? 0 : 1;
}

async function partsOf(dataDir: string, running: StackState): Promise<PartStatus[]> {
  const client = new StackClient(dataDir, running.portBase, running, 'none');
  const ports = portsOf(running.portBase);
  const part = (name: string, port: number, state: PartStatus['state']): PartStatus => {
    const pid = running.pids[name] ?? null;
    const kib = pid === null ? null : peakRssKib(pid);
    return { name, pid, port, state, peakMiB: kib === null ? null : Math.round(kib / 1_024) };
  };
  const services = SERVICE_NAMES.filter((name) => running.pids[name] !== undefined || running.phase !== 'ready');
  const answers = await Promise.all(services.map((name) => readiness(client, name)));
  const below = ['database', 'broker'].filter((name) => running.pids[name] !== undefined);
  return [
    ...services.map((name, i) => part(name, ports[name], answers[i] as PartStatus['state'])),
    ...below.map((name) => part(name, ports[name as 'database' | 'broker'], 'running')),
  ];
}

async function readiness(client: StackClient, name: ServiceName): Promise<PartStatus['state']> {
  try {
    return (await client.request(name, '/health/ready')).status === 200 ? 'ready' : 'not ready';
  } catch {
    return 'down';
  }
}
