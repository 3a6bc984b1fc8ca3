import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_SHARD_COUNT } from '#libs/contracts';
import { portsOf } from '../../../apps/cli/src/stack/ports.js';
import { product, startProduct } from '../pipeline/contender.js';
import { producerTo } from '../pipeline/seed.js';
import { waitUntil } from '../pipeline/wait.js';
import { START_MS, ticksAt } from '../pipeline/workload.js';
import { end, type Stage } from '../service.js';
import { note, withStage, type StageOptions } from '../stage.js';
import { writeLive } from './live-log.js';
import { ownsShards } from './owns-shards.js';
import { rehearse } from './rehearse.js';
import { tableOf } from './statistics.js';
import { linesOf, SteadyFacts, type Phase } from './steady.js';

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
export async function handover(options: HandoverOptions): Promise<void> {
  const { eventsPerSecond, instances } = options;
  await withStage(options, 'live', async (stage) => {
    const { phases, repeated, doubled } = await handOver(stage, eventsPerSecond, instances);
    const rows = phases.map(({ what, p50Ms, p99Ms, maxMs }) => [what, p50Ms, p99Ms, maxMs]);
    const title = `${eventsPerSecond} facts/s`;
    for (const line of tableOf([title, 'p50 ms', 'p99 ms', 'longest ms'], rows)) process.stdout.write(`${line}\n`);
    process.stdout.write(`verdicts lost 0, doubled ${doubled}, told again ${repeated}\n`);
    const result = { bench: 'handover', eventsPerSecond, instances, phases, repeated, doubled };
    if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  });
}

async function handOver(stage: Stage, perSecond: number, instances: number) {
  const lines = ticksAt(START_MS - 1, DEFAULT_SHARD_COUNT, 250);
  const run = { name: 'handover', announce: 'all' as const, lines };
  return rehearse(stage, product, run, async ({ watcher, names }) => {
    const start = (port: number): ChildProcess => startProduct(stage, names, { MAKEGOOD_PORT: String(port) });
    const others = new Others(start, portsOf(stage.portBase)['sla-timer'] + PORT_OFFSET);
    const facts = new SteadyFacts(perSecond, Infinity);
    const startMs = performance.now();
    const phases: Phase[] = [];
    const going = async (): Promise<void> => {
      await sleep(ALONE_FROM_MS);
      for (const { what, act } of planOf(instances)) {
        note(`  ${what}`);
        phases.push({ what, atMs: performance.now() - startMs });
        others.act(act);
        await sleep(act === 'kill' ? KILLED_MS : PHASE_MS_MIN);
        await waitUntil(() => others.ownShards(), 'each instance owns shards');
      }
    };
    const producer = producerTo(stage.brokers);
    const gone = going().finally(() => facts.endAt(performance.now() - startMs));
    try {
      await writeLive(producer, startMs, {
        fromMs: START_MS,
        eventsUntil: (elapsedMs) => linesOf(facts, elapsedMs),
        isOver: (elapsedMs) => elapsedMs > facts.lastMs + AFTERWARDS_MS,
      });
      await gone;
      return { phases: facts.waits(phases, watcher), repeated: watcher.repeated, doubled: watcher.doubled };
    } finally {
      await producer.close();
      await others.endAll();
    }
  });
}
