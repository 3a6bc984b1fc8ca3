import { TOPICS } from '#libs/contracts';
import { activationText, producerTo } from '../pipeline/seed.js';
import type { Infrastructure } from '../../../apps/cli/src/stack/infrastructure.js';
import type { ServiceName } from '../../../apps/cli/src/stack/ports.js';
import { cpuMsOf } from '../pipeline/cpu.js';
import { cleanUp } from '../pipeline/measure.js';
import { perFactUs, pidOf } from '../pipeline/run-once.js';
import { makeFreshTopic } from '../pipeline/topics.js';
import { end, type Stage } from '../service.js';
import type { Whole } from './contenders.js';
import { post } from './post.js';
import { Progress } from './progress.js';
import type { Step } from './steps.js';
import { faultsOfWhole, readTold, type Due, type Told } from './told.js';

/** Whose CPU is told apart. */
export const PROCESSES = ['intake', 'sla-timer', 'compensation', 'loyalty', 'database', 'broker', 'generator'] as const;
export type ProcessName = (typeof PROCESSES)[number];

/** One run of four processes; CPU in microseconds a fact, null where it cannot be known. */
export interface WholeRun {
  readonly eventsPerSecond: number;
  readonly elapsedMs: number;
  readonly cpuUs: Readonly<Record<ProcessName, number | null>>;
  readonly told: Told;
}

export interface WholePlan {
  readonly facts: number;
  readonly steps: readonly Step[];
  readonly due: Due;
  /** What must be told of scores; null: the product's, which says itself how much there is to tell. */
  readonly asMuch: Told | null;
}

const TOPICS_OF_A_RUN = Object.values(TOPICS);

/** Fresh topics, four processes, the workload over HTTP until all of it is settled; then it is counted and removed. */
export async function runWhole(
  stage: Stage,
  infrastructure: Infrastructure,
  start: () => Whole,
  plan: WholePlan,
): Promise<WholeRun> {
  for (const topic of TOPICS_OF_A_RUN) await makeFreshTopic(stage.brokers, topic);
  await activate(stage.brokers);
  const whole = start();
  const endAll = (): Promise<unknown> => Promise.all(whole.members.map(({ child }) => end(child)));
  try {
    const progress = await Progress.open(whole, stage.databaseUrl, stage.brokers);
    try {
      await progress.untilReady();
      const cpuMs = meterOf(whole, infrastructure);
      const [before, startMs] = [cpuMs(), performance.now()];
      await post(whole.door, plan.steps);
      await progress.untilSettled();
      const [elapsedMs, after] = [performance.now() - startMs, cpuMs()];
      const kept = await progress.kept();
      await endAll();
      const told = await readTold(stage.brokers);
      const faults = faultsOfWhole(told, kept, plan.due, plan.asMuch?.scores ?? null);
      if (faults.length > 0) throw new Error(`the ${whole.name} as a whole was wrong: ${faults.join('; ')}`);
      const usOf = (name: ProcessName) => [name, perFactUs(after[name], before[name], plan.facts)] as const;
      const cpuUs = Object.fromEntries(PROCESSES.map(usOf)) as WholeRun['cpuUs'];
      return { eventsPerSecond: (plan.facts / elapsedMs) * 1_000, elapsedMs, cpuUs, told };
    } finally {
      await progress.close();
    }
  } finally {
    await endAll();
    await cleanUp(stage.databaseUrl, ...whole.members.map(({ name }) => name));
  }
}

/** Into the control topic: intake copies it to all partitions before it takes a fact. */
async function activate(brokers: string): Promise<void> {
  const producer = producerTo(brokers);
  const value = activationText('consequences');
  await producer.send([{ topic: TOPICS.control, partition: 0, key: 'guarantees', value, timestampMs: 0 }]);
  await producer.close();
}

/** CPU time so far, in milliseconds. */
function meterOf({ members }: Whole, infrastructure: Infrastructure): () => Record<ProcessName, number | null> {
  const pid = (service: ServiceName): number => members.find((member) => member.service === service)?.child.pid ?? 0;
  return () => ({
    intake: cpuMsOf(pid('intake')),
    'sla-timer': cpuMsOf(pid('sla-timer')),
    compensation: cpuMsOf(pid('compensation')),
    loyalty: cpuMsOf(pid('loyalty')),
    database: cpuMsOf(pidOf(infrastructure, 'database')),
    broker: cpuMsOf(pidOf(infrastructure, 'broker')),
    generator: generatorMs(),
  });
}

function generatorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
