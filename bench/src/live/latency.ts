import { DEFAULT_SHARD_COUNT } from '#libs/contracts';
import { floor, product, type Contender } from '../pipeline/contender.js';
import { median } from '../pipeline/report.js';
import { producerTo } from '../pipeline/seed.js';
import { keptEvent, lineOf, openingEvent, START_MS, subjectOf, ticksAt, type LogLine } from '../pipeline/workload.js';
import type { Stage } from '../service.js';
import { note, withStage, type StageOptions } from '../stage.js';
import { writeLive } from './live-log.js';
import { rehearse } from './rehearse.js';
import { latenciesOf, tableOf, type Latencies } from './statistics.js';

export interface LatencyOptions extends StageOptions {
  /** Facts a second under load; idle: IDLE_PER_SECOND. */
  readonly eventsPerSecond: number;
  readonly rounds: number;
  readonly json: boolean;
  readonly isAlone: boolean;
}

const IDLE_PER_SECOND = 20;
const WARM_UP_MS = 5_000;
const MEASURE_MS = 10_000;
/** So long the last verdicts are waited for. */
const AFTERWARDS_MS = 2_000;
const KEPT_AFTER_MS = 1_000;
const ANNOUNCEMENT_BYTES = { opened: 1_600, kept: 1_700 };

interface Result extends Latencies {
  readonly who: string;
  readonly load: 'idle' | 'load';
}

/** `bench latency`: from the moment a fact is written into the log until its verdict is seen on the topic. */
export async function latency(options: LatencyOptions): Promise<void> {
  await withStage(options, 'live', async (stage) => {
    const results: Result[] = [];
    for (let round = 1; round <= options.rounds; round++) {
      for (const contender of options.isAlone ? [product] : [product, floor('all', ANNOUNCEMENT_BYTES)]) {
        for (const load of ['idle', 'load'] as const) {
          const perSecond = load === 'idle' ? IDLE_PER_SECOND : options.eventsPerSecond;
          const measured = await latencyOf(stage, contender, `latency_${contender.name}_${load}_${round}`, perSecond);
          note(
            `  round ${round}  ${contender.name} at ${perSecond}/s: p50 ${measured.p50Ms} ms, p99 ${measured.p99Ms} ms`,
          );
          results.push({ who: contender.name, load, ...measured });
        }
      }
    }
    print(results, options);
  });
}

async function latencyOf(stage: Stage, contender: Contender, name: string, perSecond: number): Promise<Latencies> {
  const lines = ticksAt(START_MS - 1, DEFAULT_SHARD_COUNT, 250);
  return rehearse(stage, contender, { name, announce: 'all', lines }, async ({ watcher }) => {
    const producer = producerTo(stage.brokers);
    const writtenMs = new Map<string, number>();
    let [opened, kept] = [0, 0];
    const startMs = performance.now();
    const untilMs = WARM_UP_MS + MEASURE_MS;
    await writeLive(producer, startMs, {
      fromMs: START_MS,
      eventsUntil: (elapsedMs) => {
        const due: LogLine[] = [];
        const atMs = START_MS + Math.floor(elapsedMs);
        const pairs = (sinceMs: number): number => (Math.min(sinceMs, untilMs) * perSecond) / 2_000;
        for (; opened < pairs(elapsedMs); opened++)
          due.push(lineOf(openingEvent(opened, atMs), atMs, DEFAULT_SHARD_COUNT));
        for (; kept < pairs(elapsedMs - KEPT_AFTER_MS); kept++) {
          due.push(lineOf(keptEvent(kept, atMs), atMs, DEFAULT_SHARD_COUNT));
          if (elapsedMs > WARM_UP_MS) writtenMs.set(subjectOf(kept), performance.now());
        }
        return due;
      },
      isOver: (elapsedMs) => elapsedMs > untilMs + KEPT_AFTER_MS + AFTERWARDS_MS,
    });
    await producer.close();
    const latenciesMs = [...writtenMs].map(
      ([subject, atMs]) => (watcher.firstSeenMs('kept', subject) ?? Infinity) - atMs,
    );
    if (latenciesMs.includes(Infinity)) throw new Error(`${contender.name} did not tell every verdict in time`);
    return latenciesOf(latenciesMs);
  });
}

function print(results: readonly Result[], options: LatencyOptions): void {
  const middle = (who: string, load: string, pick: (each: Latencies) => number): number =>
    median(results.filter((each) => each.who === who && each.load === load).map(pick));
  const rows = (options.isAlone ? ['product'] : ['product', 'floor']).flatMap((who) =>
    (['idle', 'load'] as const).map((load) => [
      `${who === 'product' ? 'sla-timer' : who}, ${load === 'idle' ? IDLE_PER_SECOND : options.eventsPerSecond} facts/s`,
      middle(who, load, (each) => each.p50Ms),
      middle(who, load, (each) => each.p99Ms),
      middle(who, load, (each) => each.maxMs),
    ]),
  );
  for (const line of tableOf(['who', 'p50 ms', 'p99 ms', 'max ms'], rows)) process.stdout.write(`${line}\n`);
  const { eventsPerSecond, rounds } = options;
  if (options.json) process.stdout.write(`${JSON.stringify({ bench: 'latency', eventsPerSecond, rounds, results })}\n`);
}
