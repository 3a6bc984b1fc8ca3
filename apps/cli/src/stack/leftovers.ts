import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '../clock.js';
import { allPids, commandLineOf, isAlive } from './process-table.js';
import { readState } from './state.js';

export type LeftoverKind = 'service' | 'broker' | 'database';

export interface Leftover {
  readonly pid: number;
  readonly kind: LeftoverKind;
}

/** Services carry this argument, so that a process can be told to belong to a stack. */
export function stackMarker(dataDir: string): string {
  return `--stack=${dataDir}`;
}

/** What a process is to the stack in `dataDir`, by its command line alone; null: not ours. */
export function kindOf(commandLine: string, dataDir: string, clusterDir: string): LeftoverKind | null {
  if (commandLine.endsWith(` ${stackMarker(dataDir)}`)) return 'service';
  if (commandLine.endsWith(` ${join(dataDir, 'kafka.properties')}`)) return 'broker';
  if (commandLine.includes(`postgres -D ${clusterDir} `)) return 'database';
  return null;
}

/** Children that a launcher killed by force left running: those of stack.json and whatever else shows our marks. */
export function findLeftovers(dataDir: string): Leftover[] {
  const pointer = join(dataDir, 'postgres.home');
  const clusterDir = join(existsSync(pointer) ? readFileSync(pointer, 'utf8').trim() : dataDir, 'postgres');
  const pids = new Set([...Object.values(readState(dataDir)?.pids ?? {}), ...allPids()]);
  pids.delete(process.pid);
  return [...pids].flatMap((pid) => {
    const commandLine = commandLineOf(pid);
    const kind = commandLine ? kindOf(commandLine, dataDir, clusterDir) : null;
    return kind && isAlive(pid) ? [{ pid, kind }] : [];
  });
}

const STOP_SIGNALS: Readonly<Record<LeftoverKind, NodeJS.Signals>> = {
  service: 'SIGTERM',
  broker: 'SIGTERM',
  database: 'SIGINT',
};

/** Stops them in order (services, broker, database), by force after 15 s each. Answers how many there were. */
export async function stopLeftovers(dataDir: string): Promise<number> {
  const leftovers = findLeftovers(dataDir);
  for (const kind of ['service', 'broker', 'database'] as const) {
    const pids = leftovers.filter((l) => l.kind === kind).map((l) => l.pid);
    pids.forEach((pid) => signal(pid, STOP_SIGNALS[kind]));
    const gone = await waitFor(() => (pids.some(isAlive) ? null : true), { withinMs: 15_000 });
    if (!gone) pids.filter(isAlive).forEach((pid) => signal(pid, 'SIGKILL'));
  }
  return leftovers.length;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // gone in the meantime
  }
}
