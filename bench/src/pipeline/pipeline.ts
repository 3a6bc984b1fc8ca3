import { TOPICS } from '#libs/contracts';
import type { Infrastructure } from '../../../apps/cli/src/stack/infrastructure.js';
import { note, withStage, type StageOptions } from '../stage.js';
import type { Stage } from '../service.js';
import { floor, product } from './contender.js';
import { compare, tableOf, type Compared } from './report.js';
import { runOnce, type Run } from './run-once.js';
import { seed } from './seed.js';
import { makeFreshTopic } from './topics.js';
import { expectedOf, type Announce } from './workload.js';
import { compareWhole, wholeTable, type WholeCompared } from '../whole/whole.js';

/** `sla-timer` alone from the log to verdicts; `whole`: four services from HTTP to scores. */
export type Part = 'sla-timer' | 'whole';

export interface PipelineOptions extends StageOptions {
  readonly parts: readonly Part[];
  readonly promises: number;
  readonly rounds: number;
  readonly announce: readonly Announce[];
  readonly json: boolean;
  /** Runs of the product alone, without the floor beside it (for profiles). */
  readonly isAlone: boolean;
}

/** `bench pipeline`: events/s of sla-timer, and of all four services from HTTP on, each beside its floor. */
export async function pipeline(options: PipelineOptions): Promise<void> {
  await withStage(options, 'replay', async (stage, infrastructure) => {
    const compared: Compared[] = [];
    for (const announce of options.parts.includes('sla-timer') ? options.announce : [])
      compared.push(...(await compareUnder(announce, options, stage, infrastructure)));
    const whole = options.parts.includes('whole') ? await compareWhole(stage, infrastructure, options) : null;
    if (compared.length > 0 || whole) print(compared, whole, options);
  });
}

async function compareUnder(
  announce: Announce,
  { promises, rounds, isAlone }: PipelineOptions,
  stage: Stage,
  infrastructure: Infrastructure,
): Promise<Compared[]> {
  const expected = expectedOf(promises, announce);
  await makeFreshTopic(stage.brokers, TOPICS.events);
  const startMs = performance.now();
  const records = await seed(stage.brokers, promises, announce);
  const perSecond = Math.round((records / (performance.now() - startMs)) * 1_000);
  note(
    `announce: ${announce} · ${promises} promises, ${expected.facts} facts, ${records} records written (${perSecond}/s)`,
  );
  const done: { product: Run; floor: Run }[] = [];
  for (let round = 1; round <= rounds; round++) {
    const plan = { announce, round, expected, records };
    const first = await runOnce(product, stage, infrastructure, plan);
    note(`  round ${round}  sla-timer ${wordsOf(first)}`);
    if (isAlone) continue;
    const second = await runOnce(floor(announce, first.announced.bytes), stage, infrastructure, plan);
    note(`  round ${round}  floor     ${wordsOf(second)}`);
    done.push({ product: first, floor: second });
  }
  return isAlone ? [] : [compare(announce, done)];
}

function wordsOf({ eventsPerSecond, elapsedMs, ownCpuUs, databaseCpuUs, announced }: Run): string {
  const cpu =
    ownCpuUs === null ? '' : `, CPU ${ownCpuUs.toFixed(1)} µs/event + database ${(databaseCpuUs ?? 0).toFixed(1)}`;
  const again = announced.repeated === 0 ? '' : `; ${announced.repeated} announced twice`;
  return `${Math.round(eventsPerSecond)} events/s (${(elapsedMs / 1_000).toFixed(1)} s${cpu})${again}`;
}

function print(compared: readonly Compared[], whole: WholeCompared | null, options: PipelineOptions): void {
  const lines = [...(compared.length > 0 ? tableOf(compared) : []), ...(whole ? wholeTable(whole) : [])];
  for (const line of lines) process.stdout.write(`${line}\n`);
  if (!options.json) return;
  const under = (announce: Announce): Compared | undefined => compared.find((each) => each.announce === announce);
  const both = (pick: (each: Compared) => unknown): Record<string, unknown> =>
    Object.fromEntries(compared.map((each) => [each.announce, pick(each)]));
  const line = {
    bench: 'pipeline',
    promises: options.promises,
    rounds: options.rounds,
    product: { ...both((each) => each.product), ...(whole ? { whole: whole.product } : {}) },
    floor: { ...both((each) => each.floor), ...(whole ? { whole: whole.floor } : {}) },
    announceBytes: both((each) => each.announceBytes),
    ratioSlaTimer: under('all')?.ratio ?? null,
    ratioSlaTimerConsequences: under('consequences')?.ratio ?? null,
    ratioPipeline: whole?.ratio ?? null,
    ratioCpu: { ...both((each) => each.ratioCpu), ...(whole ? { whole: whole.ratioCpu } : {}) },
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
