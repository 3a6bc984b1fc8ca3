import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { ProblemError } from '#libs/kernel';
import { allPids, commandLineOf } from './process-table.js';

/** True when nobody listens on 127.0.0.1:port. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Who listens on a TCP port, as "node (pid 4711)"; null when that cannot be seen (another user's, no /proc). */
export function listenerOf(port: number): string | null {
  const inodes = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => listeningInodes(readTable(file), port));
  if (inodes.length === 0) return null;
  const wanted = new Set(inodes.map((inode) => `socket:[${inode}]`));
  for (const pid of allPids()) {
    if (openFilesOf(pid).some((target) => wanted.has(target))) {
      const program = commandLineOf(pid)?.split(' ')[0]?.split('/').at(-1) ?? 'a process';
      return `${program} (pid ${pid})`;
    }
  }
  return null;
}

/** Inodes of the sockets that listen on `port`, from the text of /proc/net/tcp. */
export function listeningInodes(table: string, port: number): string[] {
  const LISTEN = '0A';
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((cells) => cells[1]?.endsWith(`:${hex}`) && cells[3] === LISTEN)
    .map((cells) => cells[9] as string);
}

/** Refuses with PORT_IN_USE, naming the port, who has it and the command that goes round it. */
export async function assertPortsFree(
  wanted: readonly { readonly port: number; readonly use: string }[],
  portBase: number,
): Promise<void> {
  for (const { port, use } of wanted) {
    if (await isPortFree(port)) continue;
    const owner = listenerOf(port);
    throw new ProblemError({
      code: 'PORT_IN_USE',
      detail: `port ${port} for the ${use} on 127.0.0.1 → ${owner ?? 'somebody else'} listens there`,
      advice: `choose other ports: ./makegood up --port-base ${portBase < 40_000 ? portBase + 1_000 : 18_080}`,
    });
  }
}

function openFilesOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`);
      } catch {
        return '';
      }
    });
  } catch {
    return [];
  }
}

function readTable(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
