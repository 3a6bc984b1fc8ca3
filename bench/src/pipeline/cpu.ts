import { readdirSync, readFileSync } from 'node:fs';

const CLOCK_TICK_MS = 10;

/**
 * CPU time of a process, of its living children and of those that it has waited for, in milliseconds; null where
 * there is no /proc. On a machine that others use too this says more than the wall clock.
 */
export function cpuMsOf(pid: number): number | null {
  const looks = [ticksOf(pid), ticksOf(pid)].filter((ticks) => ticks !== null);
  // A list of /proc that is read while processes come and go may lack one that lives: the sum is too low then, never too high.
  return looks.length === 0 ? null : Math.max(...looks) * CLOCK_TICK_MS;
}

function ticksOf(pid: number): number | null {
  const own = statOf(pid);
  if (!own) return null;
  let ticks = own.ticks + own.waitedTicks;
  for (const name of readdirSync('/proc')) {
    const other = /^\d+$/.test(name) ? statOf(Number(name)) : null;
    if (other?.parent === pid) ticks += other.ticks;
  }
  return ticks;
}

function statOf(pid: number): { parent: number; ticks: number; waitedTicks: number } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const at = (i: number): number => Number(fields[i]);
    return { parent: at(1), ticks: at(11) + at(12), waitedTicks: at(13) + at(14) };
  } catch {
    return null;
  }
}
