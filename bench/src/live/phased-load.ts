import { producerTo } from '../pipeline/seed.js';
import { START_MS } from '../pipeline/workload.js';
import { note } from '../stage.js';
import { writeLive } from './live-log.js';
import { tableOf } from './statistics.js';
import { linesOf, SteadyFacts, type Phase, type PhaseWaits } from './steady.js';
import type { Watcher } from './watcher.js';

export interface PhasedWaits {
  readonly phases: readonly PhaseWaits[];
  readonly repeated: number;
  readonly doubled: number;
}

/**
 * Writes facts to all shards, live and at a steady rate, while things happen. The longest that a fact waited for its verdict
 * is the longest that any shard stood still.
 * @param afterwardsMs so long the last verdicts are waited for
 * @param happens says where a phase begins; the facts end with it
 */
export async function waitsWhile(
  {
    brokers,
    watcher,
    perSecond,
    afterwardsMs,
  }: {
    readonly brokers: string;
    readonly watcher: Watcher;
    readonly perSecond: number;
    readonly afterwardsMs: number;
  },
  happens: (begin: (what: string) => void) => Promise<void>,
): Promise<PhasedWaits> {
  const facts = new SteadyFacts(perSecond, Infinity);
  const phases: Phase[] = [];
  const producer = producerTo(brokers);
  const startMs = performance.now();
  const elapsedMs = (): number => performance.now() - startMs;
  const begin = (what: string): void => {
    note(`  ${what}`);
    phases.push({ what, atMs: elapsedMs() });
  };
  try {
    await Promise.all([
      writeLive(producer, startMs, {
        fromMs: START_MS,
        eventsUntil: (untilMs) => linesOf(facts, untilMs),
        isOver: (atMs) => atMs > facts.lastMs + afterwardsMs,
      }),
      happens(begin).finally(() => facts.endAt(elapsedMs())),
    ]);
    return { phases: facts.waits(phases, watcher), repeated: watcher.repeated, doubled: watcher.doubled };
  } finally {
    await producer.close();
  }
}

export function waitsTable(eventsPerSecond: number, phases: readonly PhaseWaits[]): string[] {
  const rows = phases.map(({ what, p50Ms, p99Ms, maxMs }) => [what, p50Ms, p99Ms, maxMs]);
  return tableOf([`${eventsPerSecond} facts/s`, 'p50 ms', 'p99 ms', 'longest ms'], rows);
}

/** @param run as the line of JSON names it */
export function printWaits(
  run: { readonly bench: string; readonly eventsPerSecond: number; readonly instances?: number },
  waits: PhasedWaits,
  isJson: boolean,
): void {
  for (const line of waitsTable(run.eventsPerSecond, waits.phases)) process.stdout.write(`${line}\n`);
  process.stdout.write(`verdicts lost 0, doubled ${waits.doubled}, told again ${waits.repeated}\n`);
  if (isJson) process.stdout.write(`${JSON.stringify({ ...run, ...waits })}\n`);
}
