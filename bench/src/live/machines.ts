import { execFileSync } from 'node:child_process';
import { ProblemError } from '#libs/kernel';

const NETWORK = '10.77.0';

/** Where the machine is reached that runs the bench, its broker and its database. */
export const HUB = { host: `${NETWORK}.1`, from: `${NETWORK}.0/24` };

/** A machine of its own as far as the network goes: a namespace behind one cable. */
export interface Machine {
  readonly host: string;
  /** What a process is started with, to run there. */
  readonly prefix: readonly string[];
  /** Pulls the cable: nothing arrives and nobody is told. */
  cut(): void;
  plugIn(): void;
}

/**
 * A switch (a bridge) and machines that are plugged into it. Linux, root, iproute2.
 * @throws ProblemError NAMESPACES_MISSING
 */
export function connectMachines(count: number): { readonly machines: readonly Machine[]; readonly remove: () => void } {
  const id = process.pid.toString(36);
  const bridge = `mgb${id}`;
  const names = Array.from({ length: count }, (_, i) => ({ netns: `mg${id}-${i}`, cable: `mgc${id}-${i}` }));
  const remove = (): void => {
    for (const { netns } of names) tryIp('netns', 'del', netns);
    tryIp('link', 'del', bridge);
  };
  try {
    ip('link', 'add', bridge, 'type', 'bridge');
    ip('addr', 'add', `${HUB.host}/24`, 'dev', bridge);
    ip('link', 'set', bridge, 'up');
    const machines = names.map(({ netns, cable }, i): Machine => {
      const host = `${NETWORK}.${i + 11}`;
      ip('netns', 'add', netns);
      ip('link', 'add', cable, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', netns);
      ip('link', 'set', cable, 'master', bridge, 'up');
      ip('-n', netns, 'addr', 'add', `${host}/24`, 'dev', 'eth0');
      ip('-n', netns, 'link', 'set', 'eth0', 'up');
      ip('-n', netns, 'link', 'set', 'lo', 'up');
      return {
        host,
        prefix: ['ip', 'netns', 'exec', netns],
        cut: () => ip('link', 'set', cable, 'nomaster'),
        plugIn: () => ip('link', 'set', cable, 'master', bridge),
      };
    });
    return { machines, remove };
  } catch (error) {
    remove();
    throw new ProblemError({
      code: 'NAMESPACES_MISSING',
      detail: `network namespaces (Linux, root, iproute2) → ${(error as Error).message.trim()}`,
      advice: 'run it as root in a machine or container that may make them (CAP_NET_ADMIN, CAP_SYS_ADMIN)',
    });
  }
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

function tryIp(...args: readonly string[]): void {
  try {
    ip(...args);
  } catch {
    // it was not made
  }
}
