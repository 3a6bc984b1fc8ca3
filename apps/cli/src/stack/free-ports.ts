import { ProblemError } from '#libs/kernel';
import { isPortFree } from './port-owner.js';
import { DEFAULT_PORT_BASE, portsOf } from './ports.js';

const STEP = 100;
const CANDIDATES_MAX = 50;

/** The first base (8080, 8180 …) whose ports are all free: a replay's stack must not disturb the one that is up. */
export async function freePortBase(): Promise<number> {
  for (let i = 0; i < CANDIDATES_MAX; i++) {
    const base = DEFAULT_PORT_BASE + i * STEP;
    const free = await Promise.all(Object.values(portsOf(base)).map(isPortFree));
    if (free.every(Boolean)) return base;
  }
  throw new ProblemError({
    code: 'NO_FREE_PORTS',
    detail: `free ports from ${DEFAULT_PORT_BASE} on, in steps of ${STEP} → none in ${CANDIDATES_MAX} tries`,
    advice: 'name a base: --port-base N',
  });
}
