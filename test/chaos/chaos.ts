import { setTimeout as sleep } from 'node:timers/promises';
import type { Terminal } from '../../apps/cli/src/terminal/terminal.js';
import { SERVICE_NAMES } from '../../apps/cli/src/stack/ports.js';
import { inflict } from './faults/inflict.js';
import { FAULT_KINDS, planFaults, wordsOf, type Fault } from './faults/plan.js';
import { planPromises } from './load/promises.js';
import type { Inflicted, Outcome } from './report/outcome.js';
import { Run } from './run.js';
import { Stage } from './stage/stage.js';
import { clockText } from './report/text.js';

export interface ChaosOptions {
  readonly seed: number;
  readonly minutes: number;
  readonly promisesPerSecond: number;
  readonly dataDir: string | null;
}

/** Before the load begins: instances have just come up. */
const WARM_UP_MS = 2_000;

/** The real stack, two instances of each service, under load and under fire; then everything is counted. */
export async function chaos(options: ChaosOptions, terminal: Terminal): Promise<Outcome> {
  const { seed, minutes, promisesPerSecond } = options;
  const stage = await openStage(options, terminal);
  try {
    const startMs = Date.now() + WARM_UP_MS;
    const promises = planPromises({ seed, startMs, seconds: minutes * 60, promisesPerSecond });
    const run = new Run(stage, seed, promises);
    const faults = planFaults({
      seed,
      lengthMs: minutes * 60_000,
      instances: stage.instances.map(({ name }) => name),
      services: SERVICE_NAMES,
      kinds: FAULT_KINDS.filter((kind) => kind !== 'disk-full' || stage.smallDisk !== null),
    });
    terminal.note(`  ${promises.length} promises, ${run.toTell} tellings, ${faults.length} faults in ${minutes} min`);
    run.begin();
    const inflicted = await underFire(stage, faults, startMs, run, terminal);
    await sleep(Math.max(0, startMs + minutes * 60_000 - Date.now()));
    await stage.heal();
    terminal.note(`  ${clockText(Date.now() - startMs)}  no more faults: waiting for rest`);
    const restedFromMs = Date.now();
    const atRest = await run.rest((text) => terminal.progress(`  ${clockText(Date.now() - startMs)}  ${text}`));
    const restMs = Date.now() - restedFromMs;
    const counted = await run.count(atRest);
    const { samples, peakMib } = run.watch;
    const { answers } = run.sender;
    return { title: 'Chaos', seed, minutes, faults: inflicted, counted, samples, peakMib, answers, restMs, notes: [] };
  } finally {
    await stage.close();
  }
}

function openStage(options: ChaosOptions, terminal: Terminal): Promise<Stage> {
  return Stage.open({
    instances: { intake: 2, 'sla-timer': 2, compensation: 2, loyalty: 2 },
    dataDir: options.dataDir,
    smallDisk: true,
    onStep: (text) => terminal.note(`  ✓ ${text}`),
  });
}

/** Faults at their times, side by side where they overlap. Resolves when the last is over. */
async function underFire(
  stage: Stage,
  faults: readonly Fault[],
  startMs: number,
  run: Run,
  terminal: Terminal,
): Promise<Inflicted[]> {
  const done: Inflicted[] = [];
  const going: Promise<void>[] = [];
  for (const fault of faults) {
    while (Date.now() < startMs + fault.atMs) {
      const { acknowledged } = run.sender;
      terminal.progress(
        `  ${clockText(Date.now() - startMs)}  ${acknowledged} of ${run.toTell} told, ${run.observer.settled} promises settled`,
      );
      await sleep(Math.min(500, Math.max(0, startMs + fault.atMs - Date.now())));
    }
    terminal.note(`  ${clockText(Date.now() - startMs)}  ${wordsOf(fault)}`);
    const fromMs = Date.now() - startMs;
    going.push(inflict(stage, fault).then(() => void done.push({ fault, fromMs, toMs: Date.now() - startMs })));
  }
  await Promise.all(going);
  return done.sort((a, b) => a.fromMs - b.fromMs);
}
