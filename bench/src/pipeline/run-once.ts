import type { Infrastructure } from '../../../apps/cli/src/stack/infrastructure.js';
import { faultsOf, readAnnounced, type Announced } from './announced.js';
import { end, type Stage } from '../service.js';
import type { Contender } from './contender.js';
import { cpuMsOf } from './cpu.js';
import { cleanUp, measureRun } from './measure.js';
import { dropTopic, makeFreshTopic } from './topics.js';
import type { Announce, Expected } from './workload.js';

/** One run of one contender; CPU in microseconds a fact, null where it cannot be known. */
export interface Run {
  readonly eventsPerSecond: number;
  readonly elapsedMs: number;
  readonly ownCpuUs: number | null;
  readonly databaseCpuUs: number | null;
  readonly brokerCpuUs: number | null;
  readonly announced: Announced;
}

export interface RunPlan {
  readonly announce: Announce;
  readonly round: number;
  readonly expected: Expected;
  /** Records in the log, ticks included. */
  readonly records: number;
}

const WITHIN_MS = 15 * 60_000;

/** Starts a contender on an empty schema and topic, waits until all is settled, counts what it said, cleans up. */
export async function runOnce(
  contender: Contender,
  stage: Stage,
  infrastructure: Infrastructure,
  plan: RunPlan,
): Promise<Run> {
  const { announce, round, expected, records } = plan;
  const schema = `bench_${contender.name}_${announce}_${round}`;
  const topic = `bench.${contender.name}.${announce}.${round}`;
  await makeFreshTopic(stage.brokers, topic);
  const child = contender.start(stage, { schema, group: topic, topic });
  try {
    const pids = [child.pid ?? 0, ...['database', 'broker'].map((name) => pidOf(infrastructure, name))];
    const cpu = (): (number | null)[] => pids.map(cpuMsOf);
    let before = cpu();
    const isAlive = (): boolean => child.exitCode === null && child.signalCode === null;
    const elapsedMs = await measureRun(
      stage.databaseUrl,
      { schema, due: contender.due, records, isAlive, withinMs: WITHIN_MS },
      () => (before = cpu()),
    );
    const [own, database, broker] = cpu().map((ms, i) => perFactUs(ms, before[i] ?? null, expected.facts));
    await end(child);
    const announced = await readAnnounced(stage.brokers, topic);
    const faults = faultsOf(announced, expected);
    if (faults.length > 0) throw new Error(`${contender.name} (${announce}) was wrong: ${faults.join('; ')}`);
    return {
      eventsPerSecond: (expected.facts / elapsedMs) * 1_000,
      elapsedMs,
      ownCpuUs: own ?? null,
      databaseCpuUs: database ?? null,
      brokerCpuUs: broker ?? null,
      announced,
    };
  } finally {
    await end(child);
    await cleanUp(stage.databaseUrl, schema);
    await dropTopic(stage.brokers, topic);
  }
}

export function pidOf({ children }: Infrastructure, name: string): number {
  return children.find(({ spec }) => spec.name === name)?.pid ?? 0;
}

export function perFactUs(afterMs: number | null, beforeMs: number | null, facts: number): number | null {
  return afterMs === null || beforeMs === null ? null : ((afterMs - beforeMs) * 1_000) / facts;
}
