import { isPortFree } from '../../../apps/cli/src/stack/port-owner.js';
import { portsOf } from '../../../apps/cli/src/stack/ports.js';

/** Below the ports that the system hands to outgoing connections, and apart from those of the tests' stacks. */
const BASES = { first: 10_000, step: 200, count: 48 };
/** Where a base's further ports lie, for up to so many instances. */
const INSTANCES_MAX = 16;
const OFFSETS = { instance: 40, brokerListener: 60, brokerWay: 80, databaseWay: 100 };

export interface StagePorts {
  readonly base: number;
  readonly instance: (i: number) => number;
  /** Where the broker listens for the i-th instance, and the address that it tells this one. */
  readonly brokerListener: (i: number) => number;
  readonly brokerWay: (i: number) => number;
  readonly databaseWay: (i: number) => number;
}

export async function freeStagePorts(): Promise<StagePorts> {
  for (let tried = 0; tried < BASES.count; tried++) {
    const base = BASES.first + ((process.pid + tried) % BASES.count) * BASES.step;
    const further = Object.values(OFFSETS).flatMap((offset) =>
      Array.from({ length: INSTANCES_MAX }, (_, i) => base + offset + i),
    );
    const free = await Promise.all([...Object.values(portsOf(base)), ...further].map(isPortFree));
    if (!free.every(Boolean)) continue;
    const at = (offset: number) => (i: number) => base + offset + i;
    return {
      base,
      instance: at(OFFSETS.instance),
      brokerListener: at(OFFSETS.brokerListener),
      brokerWay: at(OFFSETS.brokerWay),
      databaseWay: at(OFFSETS.databaseWay),
    };
  }
  throw new Error('no free ports below 20000');
}
