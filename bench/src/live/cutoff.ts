import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_SHARD_COUNT } from '#libs/contracts';
import { portsOf } from '../../../apps/cli/src/stack/ports.js';
import { product, startProduct, type Contender } from '../pipeline/contender.js';
import { waitUntil } from '../pipeline/wait.js';
import { START_MS, ticksAt } from '../pipeline/workload.js';
import { end, type Stage } from '../service.js';
import { withStage, type StageOptions } from '../stage.js';
import { connectMachines, HUB, type Machine } from './machines.js';
import { ownsShards } from './owns-shards.js';
import { printWaits, waitsWhile } from './phased-load.js';
import { rehearse } from './rehearse.js';

export interface CutoffOptions extends StageOptions {
  readonly eventsPerSecond: number;
  readonly json: boolean;
}

const [BEFORE_MS, CUT_MS, AFTER_MS] = [10_000, 30_000, 20_000];
/** So long the last verdicts are waited for. */
const AFTERWARDS_MS = 15_000;
const BROKER_PORT = 30;

/**
 * `bench cutoff`: two machines, each with an instance of sla-timer, and a third with broker and database; one falls off the
 * network under load without anybody being told, and comes back. The longest that a fact waited is how long its shards stood still.
 */
export async function cutoff(options: CutoffOptions): Promise<void> {
  const { machines, remove } = connectMachines(2);
  try {
    const reach = (portBase: number) => {
      const port = portBase + BROKER_PORT;
      return { brokerListeners: [{ host: HUB.host, port, advertisedPort: port }], databaseNetwork: HUB };
    };
    await withStage(options, 'live', (stage) => rehearseCut(stage, machines, options), reach);
  } finally {
    remove();
  }
}

/** The stage as a machine sees it. */
function seenFrom(stage: Stage, { prefix }: Machine): Stage {
  const databaseUrl = new URL(stage.databaseUrl);
  databaseUrl.hostname = HUB.host;
  const brokers = `${HUB.host}:${stage.portBase + BROKER_PORT}`;
  return { ...stage, prefix, brokers, databaseUrl: databaseUrl.href };
}

async function rehearseCut(stage: Stage, machines: readonly Machine[], options: CutoffOptions): Promise<void> {
  const [first, second] = machines as [Machine, Machine];
  const anywhere = { MAKEGOOD_HOST: '0.0.0.0' };
  const contender: Contender = {
    ...product,
    start: (at, names) => startProduct(seenFrom(at, first), names, anywhere),
  };
  const run = { name: 'cutoff', announce: 'all' as const, lines: ticksAt(START_MS - 1, DEFAULT_SHARD_COUNT, 250) };
  const { eventsPerSecond: perSecond, json } = options;
  const waits = await rehearse(stage, contender, run, async ({ watcher, names }) => {
    const other: ChildProcess = startProduct(seenFrom(stage, second), names, anywhere);
    const load = { brokers: stage.brokers, watcher, perSecond, afterwardsMs: AFTERWARDS_MS };
    try {
      return await waitsWhile(load, async (begin) => {
        const port = portsOf(stage.portBase)['sla-timer'];
        await waitUntil(() => ownsShards(second.host, port), 'the second machine owns shards');
        begin('two machines');
        await sleep(BEFORE_MS);
        second.cut();
        begin('one is cut off');
        await sleep(CUT_MS);
        second.plugIn();
        begin('it is back');
        await sleep(AFTER_MS);
      });
    } finally {
      await end(other);
    }
  });
  printWaits({ bench: 'cutoff', eventsPerSecond: perSecond }, waits, json);
}
