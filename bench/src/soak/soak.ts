import { DEFAULT_SHARD_COUNT } from '#libs/contracts';
import { createKafka, LogReader } from '#libs/messaging';
import type { Infrastructure } from '../../../apps/cli/src/stack/infrastructure.js';
import { writeLive } from '../live/live-log.js';
import { rehearse, type Rehearsed } from '../live/rehearse.js';
import { product } from '../pipeline/contender.js';
import { pidOf } from '../pipeline/run-once.js';
import { producerTo } from '../pipeline/seed.js';
import { isBroken, lineOf, START_MS, subjectOf, ticksAt } from '../pipeline/workload.js';
import type { Stage } from '../service.js';
import { note, withStage, type StageOptions } from '../stage.js';
import { courseOf } from './flatness.js';
import { ALLOWANCE_MS, dueAfterMsOf, eventOfFact, SoakLoad, STEADY_AFTER_MS } from './load.js';
import { measuresAt, pointsOf } from './measures.js';
import { print, writePicture } from './report.js';
import { Sampler, type Sample } from './sampler.js';
import { Verdicts } from './verdicts.js';

export interface SoakOptions extends StageOptions {
  /** Of constant load after it has become constant. */
  readonly minutes: number;
  readonly eventsPerSecond: number;
  /** Where the picture goes; null: none is made. */
  readonly pictureFile: string | null;
  readonly json: boolean;
}

const SAMPLE_EVERY_MS = 10_000;
/** So long the verdicts of the last facts are waited for. */
const AFTERWARDS_MS = 30_000;
const FILE = 'bench/bench-soak.yaml';

/** `bench soak`: the same load for an hour: what grows that must not? */
export async function soak(options: SoakOptions): Promise<void> {
  await withStage(options, 'live', async (stage, infrastructure) => {
    const samples = await samplesOf(stage, infrastructure, options);
    const courses = measuresAt(options.eventsPerSecond).flatMap((measure) => {
      const points = pointsOf(measure, samples);
      return points.length === 0 ? [] : [courseOf(measure, points)];
    });
    if (options.pictureFile) writePicture(options.pictureFile, samples, options);
    print(courses, samples, options);
  });
}

async function samplesOf(
  stage: Stage,
  infrastructure: Infrastructure,
  { minutes, eventsPerSecond }: SoakOptions,
): Promise<Sample[]> {
  const verdicts = new Verdicts();
  const run = {
    name: 'soak',
    announce: 'consequences',
    guaranteeFile: FILE,
    lines: ticksAt(START_MS - 1, DEFAULT_SHARD_COUNT, 250),
    onSeen: (kind: string, subject: string, atMs: number) => verdicts.seen(kind, subject, atMs),
  } as const;
  return rehearse(stage, product, run, async (rehearsed) => {
    const reader = new LogReader(createKafka({ clientId: 'makegood-bench', brokers: stage.brokers.split(',') }));
    const sampler = new Sampler(rehearsed, reader, pidOf(infrastructure, 'database'));
    try {
      note(`${eventsPerSecond} facts/s; ${STEADY_AFTER_MS / 1_000} s until as many promises settle as are opened`);
      return await underLoad(stage, rehearsed, sampler, verdicts, { minutes, eventsPerSecond });
    } finally {
      await reader.close();
    }
  });
}

async function underLoad(
  stage: Stage,
  { pid }: Rehearsed,
  sampler: Sampler,
  verdicts: Verdicts,
  { minutes, eventsPerSecond }: Pick<SoakOptions, 'minutes' | 'eventsPerSecond'>,
): Promise<Sample[]> {
  const load = new SoakLoad(eventsPerSecond);
  const producer = producerTo(stage.brokers);
  const samples: Sample[] = [];
  const untilMs = STEADY_AFTER_MS + minutes * 60_000;
  const startMs = performance.now();
  let opened = 0;
  let nextSampleMs = STEADY_AFTER_MS;
  let sampling: Promise<void> = Promise.resolve();
  const sample = async (elapsedMs: number): Promise<void> => {
    const seen = { opened, ...verdicts.take() };
    const taken = await sampler.take(elapsedMs - STEADY_AFTER_MS, seen);
    // The first interval began before the load was constant.
    if (elapsedMs > STEADY_AFTER_MS + SAMPLE_EVERY_MS / 2) samples.push(taken);
    if (samples.length % 6 === 1) note(wordsOf(taken));
  };
  await writeLive(producer, startMs, {
    fromMs: START_MS,
    eventsUntil: (elapsedMs) =>
      load.until(Math.min(elapsedMs, untilMs)).map((fact) => {
        const { kind, i, atMs } = fact;
        if (kind === 'late') verdicts.facts.set(subjectOf(i), performance.now());
        else if (kind === 'opened') {
          opened += 1;
          if (isBroken(i)) verdicts.breaches.set(subjectOf(i), startMs + atMs + dueAfterMsOf(i) + ALLOWANCE_MS);
        }
        return lineOf(eventOfFact(fact, START_MS), START_MS + Math.floor(atMs), DEFAULT_SHARD_COUNT);
      }),
    isOver: (elapsedMs) => {
      if (elapsedMs >= nextSampleMs && elapsedMs < untilMs + SAMPLE_EVERY_MS / 2) {
        nextSampleMs += SAMPLE_EVERY_MS;
        sampling = sampling.then(() => sample(elapsedMs));
      }
      if (pid() === 0) throw new Error('sla-timer ended; see its log');
      return elapsedMs > untilMs + 1_000 && (verdicts.facts.size === 0 || elapsedMs > untilMs + AFTERWARDS_MS);
    },
  });
  await sampling;
  await producer.close();
  if (verdicts.facts.size > 0)
    throw new Error(`${verdicts.facts.size} facts had no verdict ${AFTERWARDS_MS / 1_000} s later`);
  return samples;
}

function wordsOf({ atMs, residentMiB, openPromises, openBytes, lagRecords, factP99Ms }: Sample): string {
  const open = `${openPromises.toLocaleString('en')} open in ${(openBytes / 1_048_576).toFixed(1)} MiB`;
  return `  ${(atMs / 60_000).toFixed(1)} min  ${residentMiB} MiB resident, ${open}, lag ${lagRecords}, p99 ${factP99Ms ?? '–'} ms`;
}
