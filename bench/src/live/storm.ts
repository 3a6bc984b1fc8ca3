import { DEFAULT_SHARD_COUNT } from '#libs/contracts';
import { floor, product, type Contender } from '../pipeline/contender.js';
import { median } from '../pipeline/report.js';
import { producerTo } from '../pipeline/seed.js';
import {
  ALLOWANCE_MS,
  HOUR_MS,
  lineOf,
  openingEvent,
  START_MS,
  subjectOf,
  TICK_EVERY_MS,
  ticksAt,
  type LogLine,
} from '../pipeline/workload.js';
import type { Stage } from '../service.js';
import { note, withStage, type StageOptions } from '../stage.js';
import { writeLive } from './live-log.js';
import { rehearse, type Rehearsed } from './rehearse.js';
import { latenciesOf, tableOf, type Latencies } from './statistics.js';

export interface StormOptions extends StageOptions {
  /** Promises whose allowance ends within the one second. */
  readonly deadlines: number;
  /** Openings of further promises that come in meanwhile. */
  readonly eventsPerSecond: number;
  readonly rounds: number;
  readonly json: boolean;
  readonly isAlone: boolean;
}

const DUE_AFTER_MS = 24 * HOUR_MS;
/** Promise i is broken at FIRE_MS + i / deadlines of a second. */
const FIRE_MS = START_MS + DUE_AFTER_MS + ALLOWANCE_MS;
const STORM_MS = 1_000;
/** About the bytes of a breach as the product tells it. */
const ANNOUNCEMENT_BYTES = { breached: 1_600 };
const WITHIN_MS = 120_000;
/** Input flows on for so long at least. */
const FLOW_MS_MIN = 3_000;

interface Storm extends Latencies {
  /** Of the input that came until the last breach was seen, how much had been applied by then. */
  readonly inputShare: number;
  readonly repeated: number;
  readonly doubled: number;
  readonly lost: number;
  /** After a kill in the storm: until the next breach was seen. */
  readonly backAfterMs: number | null;
}

/** `bench storm`: tens of thousands of deadlines within one second, until each breach is seen on Kafka. */
export async function storm(options: StormOptions): Promise<void> {
  await withStage(options, 'live', async (stage) => {
    const done: { who: string; storm: Storm }[] = [];
    for (let round = 1; round <= options.rounds; round++) {
      for (const contender of options.isAlone ? [product] : [product, floor('consequences', ANNOUNCEMENT_BYTES)]) {
        const result = await stormOf(stage, contender, `storm_${contender.name}_${round}`, options, false);
        note(`  round ${round}  ${wordsOf(contender.name, result)}`);
        done.push({ who: contender.name, storm: result });
      }
    }
    const killed = await stormOf(stage, product, 'storm_killed', options, true);
    note(`  killed   ${wordsOf('product', killed)}`);
    print(done, killed, options);
  });
}

/** All openings within one second, then hours without deadlines. */
function* calm(deadlines: number): Generator<LogLine> {
  for (let i = 0; i < deadlines; i++) {
    const atMs = START_MS + Math.floor((i * STORM_MS) / deadlines);
    yield lineOf(openingEvent(i, atMs), atMs, DEFAULT_SHARD_COUNT);
  }
  for (let atMs = START_MS + TICK_EVERY_MS; atMs < FIRE_MS; atMs += TICK_EVERY_MS)
    yield* ticksAt(atMs, DEFAULT_SHARD_COUNT);
  yield* ticksAt(FIRE_MS - 1, DEFAULT_SHARD_COUNT);
}

async function stormOf(
  stage: Stage,
  contender: Contender,
  name: string,
  { deadlines, eventsPerSecond }: StormOptions,
  isKilled: boolean,
): Promise<Storm> {
  const run = { name, announce: 'consequences' as const, lines: calm(deadlines) };
  return rehearse(stage, contender, run, async ({ watcher, applied, seeded, killAndRestart }: Rehearsed) => {
    const producer = producerTo(stage.brokers);
    await producer.send([]);
    let events = 0;
    let killedAtMs: number | null = null;
    let backAtMs: number | null = null;
    const startMs = performance.now();
    const written = await writeLive(producer, startMs, {
      fromMs: FIRE_MS,
      eventsUntil: (elapsedMs) => {
        const lines: LogLine[] = [];
        for (; events < (elapsedMs * eventsPerSecond) / 1_000; events++) {
          const atMs = FIRE_MS + Math.floor(elapsedMs);
          lines.push(lineOf(openingEvent(deadlines + events, atMs), atMs, DEFAULT_SHARD_COUNT));
        }
        return lines;
      },
      isOver: (elapsedMs) => {
        if (isKilled && killedAtMs === null && watcher.count('breached') > deadlines / 5) {
          killAndRestart();
          killedAtMs = performance.now() + IN_FLIGHT_MS;
        }
        if (killedAtMs !== null && backAtMs === null && watcher.lastSeenMs > killedAtMs) backAtMs = watcher.lastSeenMs;
        const isDone = watcher.count('breached') >= deadlines && elapsedMs > FLOW_MS_MIN;
        return isDone || elapsedMs > WITHIN_MS;
      },
    });
    const share = ((await applied()) - seeded) / written.records;
    await producer.close();
    const latenciesMs: number[] = [];
    for (let i = 0; i < deadlines; i++) {
      const seenMs = watcher.firstSeenMs('breached', subjectOf(i));
      if (seenMs !== undefined) latenciesMs.push(seenMs - startMs - Math.floor((i * STORM_MS) / deadlines));
    }
    return {
      ...latenciesOf(latenciesMs),
      inputShare: Math.round(share * 100) / 100,
      repeated: watcher.repeated,
      doubled: watcher.doubled,
      lost: deadlines - latenciesMs.length,
      backAfterMs: killedAtMs === null || backAtMs === null ? null : Math.round(backAtMs - killedAtMs + IN_FLIGHT_MS),
    };
  });
}

/** What the broker had already when the process was killed is seen within so long. */
const IN_FLIGHT_MS = 500;

function wordsOf(who: string, s: Storm): string {
  const back = s.backAfterMs === null ? '' : `, back after ${s.backAfterMs} ms`;
  return `${who.padEnd(7)} p50 ${s.p50Ms} ms, p99 ${s.p99Ms} ms; input applied ${s.inputShare}; lost ${s.lost}, doubled ${s.doubled}, told again ${s.repeated}${back}`;
}

function print(done: readonly { who: string; storm: Storm }[], killed: Storm, options: StormOptions): void {
  const of = (who: string): Storm[] => done.filter((each) => each.who === who).map((each) => each.storm);
  const middle = (who: string, pick: (storm: Storm) => number): number => median(of(who).map(pick));
  const who = options.isAlone ? ['product'] : ['product', 'floor'];
  const ratios = of('floor').map((each, i) => (of('product')[i]?.p99Ms ?? NaN) / each.p99Ms);
  const rows = who.map((name) => [
    name === 'product' ? 'sla-timer' : name,
    middle(name, (s) => s.p50Ms),
    middle(name, (s) => s.p99Ms),
    middle(name, (s) => s.inputShare),
    middle(name, (s) => s.lost),
    middle(name, (s) => s.doubled),
  ]);
  rows.push(['sla-timer, killed', killed.p50Ms, killed.p99Ms, killed.inputShare, killed.lost, killed.doubled]);
  for (const line of tableOf(['who', 'p50 ms', 'p99 ms', 'input applied', 'lost', 'doubled'], rows))
    process.stdout.write(`${line}\n`);
  if (ratios.length > 0) process.stdout.write(`p99 of floor's: ${median(ratios).toFixed(2)}\n`);
  if (!options.json) return;
  const { deadlines, eventsPerSecond, rounds } = options;
  const ratioP99 = ratios.length === 0 ? null : Math.round(median(ratios) * 100) / 100;
  process.stdout.write(
    `${JSON.stringify({ bench: 'storm', deadlines, eventsPerSecond, rounds, runs: done, killed, ratioP99 })}\n`,
  );
}
