import type { ChildProcess } from 'node:child_process';
import { DEFAULT_SHARD_COUNT } from '#libs/contracts';
import { ProblemError } from '#libs/kernel';
import { portsOf } from '../../../apps/cli/src/stack/ports.js';
import { product, startProduct } from '../pipeline/contender.js';
import { producerTo } from '../pipeline/seed.js';
import { keptEvent, lineOf, openingEvent, START_MS, subjectOf, ticksAt, type LogLine } from '../pipeline/workload.js';
import { end, type Stage } from '../service.js';
import { note, withStage, type StageOptions } from '../stage.js';
import { writeLive } from './live-log.js';
import { rehearse } from './rehearse.js';
import { latenciesOf, tableOf, type Latencies } from './statistics.js';

export interface HandoverOptions extends StageOptions {
  readonly eventsPerSecond: number;
  readonly json: boolean;
}

/** What happens to the second instance, and at which second; a phase ends where the next begins. */
const PHASES = [
  { what: 'one instance', atMs: 5_000 },
  { what: 'a second one joins', atMs: 10_000 },
  { what: 'it leaves in order', atMs: 25_000 },
  { what: 'it joins again', atMs: 40_000 },
  { what: 'it is killed (kill -9)', atMs: 55_000 },
] as const;
/** A fact that was written so shortly before may wait for what happens then. */
const ON_THE_WAY_MS = 1_000;
const END_MS = 75_000;
const KEPT_AFTER_MS = 1_000;
/** So long the last verdicts are waited for. */
const AFTERWARDS_MS = 10_000;

type Phase = Latencies & { readonly what: string };

/**
 * `bench handover`: facts to all shards at a steady rate while instances come and go. The longest that a fact waited for
 * its verdict is the longest that any shard stood still.
 */
export async function handover(options: HandoverOptions): Promise<void> {
  await withStage(options, 'live', async (stage) => {
    const { phases, repeated, doubled } = await handOver(stage, options.eventsPerSecond);
    const rows = phases.map(({ what, p50Ms, p99Ms, maxMs }) => [what, p50Ms, p99Ms, maxMs]);
    const title = `${options.eventsPerSecond} facts/s`;
    for (const line of tableOf([title, 'p50 ms', 'p99 ms', 'longest ms'], rows)) process.stdout.write(`${line}\n`);
    process.stdout.write(`verdicts lost 0, doubled ${doubled}, told again ${repeated}\n`);
    const result = { bench: 'handover', eventsPerSecond: options.eventsPerSecond, phases, repeated, doubled };
    if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  });
}

async function handOver(stage: Stage, perSecond: number) {
  const lines = ticksAt(START_MS - 1, DEFAULT_SHARD_COUNT, 250);
  const run = { name: 'handover', announce: 'all' as const, lines };
  return rehearse(stage, product, run, async ({ watcher, names }) => {
    const port = { MAKEGOOD_PORT: String(portsOf(stage.portBase)['sla-timer'] + 40) };
    let second: ChildProcess | null = null;
    const actions = [
      () => undefined,
      () => (second = startProduct(stage, names, port)),
      () => void (second && end(second)),
      () => (second = startProduct(stage, names, port)),
      () => second?.kill('SIGKILL'),
    ];
    const producer = producerTo(stage.brokers);
    const written: { readonly subject: string; readonly elapsedMs: number; readonly atMs: number }[] = [];
    let [opened, kept, phase] = [0, 0, 0];
    await writeLive(producer, performance.now(), {
      fromMs: START_MS,
      eventsUntil: (elapsedMs) => {
        const due: LogLine[] = [];
        const atMs = START_MS + Math.floor(elapsedMs);
        const pairs = (sinceMs: number): number => (Math.min(sinceMs, END_MS) * perSecond) / 2_000;
        for (; opened < pairs(elapsedMs); opened++)
          due.push(lineOf(openingEvent(opened, atMs), atMs, DEFAULT_SHARD_COUNT));
        for (; kept < pairs(elapsedMs - KEPT_AFTER_MS); kept++) {
          due.push(lineOf(keptEvent(kept, atMs), atMs, DEFAULT_SHARD_COUNT));
          written.push({ subject: subjectOf(kept), elapsedMs, atMs: performance.now() });
        }
        return due;
      },
      isOver: (elapsedMs) => {
        if (elapsedMs >= (PHASES[phase]?.atMs ?? Infinity)) {
          note(`  ${PHASES[phase]?.what}`);
          actions[phase++]?.();
        }
        return elapsedMs > END_MS + KEPT_AFTER_MS + AFTERWARDS_MS;
      },
    });
    await producer.close();
    const waited = written.map((each) => ({
      ...each,
      waitedMs: (watcher.firstSeenMs('kept', each.subject) ?? Infinity) - each.atMs,
    }));
    const lost = waited.filter(({ waitedMs }) => waitedMs === Infinity).length;
    if (lost > 0)
      throw new ProblemError({
        code: 'BENCH_TOO_FAST',
        detail: `all ${written.length} verdicts told ${AFTERWARDS_MS} ms after the last fact → ${lost} were not`,
        advice: 'give a lower --rate: where that does not help they are lost',
      });
    const phases = PHASES.map(({ what, atMs }, i): Phase => {
      const untilMs = PHASES[i + 1]?.atMs ?? Infinity;
      const of = waited.filter(({ elapsedMs }) => {
        const sinceMs = elapsedMs + ON_THE_WAY_MS;
        return sinceMs >= atMs && sinceMs < untilMs;
      });
      return { what, ...latenciesOf(of.map(({ waitedMs }) => waitedMs)) };
    });
    return { phases, repeated: watcher.repeated, doubled: watcher.doubled };
  });
}
