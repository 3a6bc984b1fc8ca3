import { readdirSync, readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';

/** True while a process of that id exists and is no zombie. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  const stat = readProc(pid, 'stat');
  return stat === null || !/^\d+ \(.*\) Z/s.test(stat);
}

/** The command line of a process, its arguments joined by blanks; null when it is gone or may not be read. */
export function commandLineOf(pid: number): string | null {
  const text = readProc(pid, 'cmdline');
  if (text !== null) return text.replaceAll('\0', ' ').trim() || null;
  if (process.platform === 'linux') return null;
  const ps = spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  return ps.status === 0 ? ps.stdout.trim() || null : null;
}

/** Ids of all processes that can be seen; empty where there is no /proc. */
export function allPids(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/** Highest resident memory that the process ever had, in KiB; null when it cannot be read. */
export function peakRssKib(pid: number): number | null {
  return statusKib(pid, 'VmHWM');
}

/** Resident memory now, in KiB; null when it cannot be read. */
export function rssKib(pid: number): number | null {
  return statusKib(pid, 'VmRSS');
}

function statusKib(pid: number, field: string): number | null {
  const match = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readProc(pid, 'status') ?? '');
  return match ? Number(match[1]) : null;
}

function readProc(pid: number, file: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return null;
  }
}
