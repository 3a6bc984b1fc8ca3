import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_SHARD_COUNT } from '#libs/contracts';
import { portsOf } from '../../../apps/cli/src/stack/ports.js';
import { product, startProduct } from '../pipeline/contender.js';
import { waitUntil } from '../pipeline/wait.js';
import { START_MS, ticksAt } from '../pipeline/workload.js';
import { end, type Stage } from '../service.js';
import { withStage, type StageOptions } from '../stage.js';
import { ownsShards } from './owns-shards.js';
import { printWaits, waitsWhile, type PhasedWaits } from './phased-load.js';
import { rehearse } from './rehearse.js';

export interface HandoverOptions extends StageOptions {
  readonly eventsPerSecond: number;
  /** As many as there are at most, from two on. */
  readonly instances: number;
  readonly json: boolean;
}

/** So long each phase is watched, and a joining one until it owns shards; a killed member keeps its own for 8 s. */
const [ALONE_FROM_MS, PHASE_MS_MIN, KILLED_MS] = [5_000, 10_000, 20_000];
/** So long the last verdicts are waited for. */
const AFTERWARDS_MS = 10_000;
/** Ports of further instances begin so far behind sla-timer's. */
const PORT_OFFSET = 40;

type Act = 'none' | 'join' | 'leave' | 'kill';

interface Step {
  readonly what: string;
  readonly act: Act;
}

/** All join one after the other; then the last one leaves, joins again and is killed. */
function planOf(instances: number): Step[] {
  const joins = Array.from({ length: instances - 1 }, (_, i): Step => ({ what: `number ${i + 2} joins`, act: 'join' }));
  const last = `number ${instances}`;
  return [
    { what: 'one instance', act: 'none' },
    ...joins,
    { what: `${last} leaves in order`, act: 'leave' },
    { what: `${last} joins again`, act: 'join' },
    { what: `${last} is killed (kill -9)`, act: 'kill' },
  ];
}

/** Further instances of the one that is measured. */
class Others {
  private readonly running: { readonly child: ChildProcess; readonly port: number }[] = [];

  constructor(
    private readonly start: (port: number) => ChildProcess,
    private readonly firstPort: number,
  ) {}

  act(what: Act): void {
    const port = this.firstPort + this.running.length;
    if (what === 'join') this.running.push({ child: this.start(port), port });
    else if (what === 'leave') void end(this.running.pop()?.child as ChildProcess);
    else if (what === 'kill') this.running.pop()?.child.kill('SIGKILL');
  }

  async ownShards(): Promise<boolean> {
    const owned = await Promise.all(this.running.map(({ port }) => ownsShards('127.0.0.1', port)));
    return owned.every(Boolean);
  }

  async endAll(): Promise<void> {
    await Promise.all(this.running.map(({ child }) => end(child)));
  }
}

/**
 * `bench handover`: facts to all shards at a steady rate while instances come and go. The longest that a fact waited for
 * its verdict is the longest that any shard stood still.
 */
export async function handover({ eventsPerSecond, instances, json, ...options }: HandoverOptions): Promise<void> {
  await withStage(options, 'live', async (stage) => {
    const waits = await handOver(stage, eventsPerSecond, instances);
    printWaits({ bench: 'handover', eventsPerSecond, instances }, waits, json);
  });
}

async function handOver(stage: Stage, perSecond: number, instances: number): Promise<PhasedWaits> {
  const lines = ticksAt(START_MS - 1, DEFAULT_SHARD_COUNT, 250);
  const run = { name: 'handover', announce: 'all' as const, lines };
  return rehearse(stage, product, run, async ({ watcher, names }) => {
    const start = (port: number): ChildProcess => startProduct(stage, names, { MAKEGOOD_PORT: String(port) });
    const others = new Others(start, portsOf(stage.portBase)['sla-timer'] + PORT_OFFSET);
    const load = { brokers: stage.brokers, watcher, perSecond, afterwardsMs: AFTERWARDS_MS };
    try {
      return await waitsWhile(load, async (begin) => {
        await sleep(ALONE_FROM_MS);
        for (const { what, act } of planOf(instances)) {
          begin(what);
          others.act(act);
          await sleep(act === 'kill' ? KILLED_MS : PHASE_MS_MIN);
          await waitUntil(() => others.ownShards(), 'each instance owns shards');
        }
      });
    } finally {
      await others.endAll();
    }
  });
}
