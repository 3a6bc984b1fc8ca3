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

export interface PipelineOptions extends StageOptions {
  readonly promises: number;
  readonly rounds: number;
  readonly announce: readonly Announce[];
  readonly json: boolean;
  /** Runs of the product alone, without the floor beside it (for profiles). */
  readonly isAlone: boolean;
}

/** `bench pipeline`: events/s from `makegood.events.v1` to settled verdicts, sla-timer beside its floor. */
export async function pipeline(options: PipelineOptions): Promise<void> {
  await withStage(options, 'replay', async (stage, infrastructure) => {
    const compared: Compared[] = [];
    for (const announce of options.announce)
      compared.push(...(await compareUnder(announce, options, stage, infrastructure)));
    if (compared.length > 0) print(compared, options);
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

function print(compared: readonly Compared[], options: PipelineOptions): void {
  for (const line of tableOf(compared)) process.stdout.write(`${line}\n`);
  if (!options.json) return;
  const under = (announce: Announce): Compared | undefined => compared.find((each) => each.announce === announce);
  const both = (pick: (each: Compared) => unknown): Record<string, unknown> =>
    Object.fromEntries(compared.map((each) => [each.announce, pick(each)]));
  const line = {
    bench: 'pipeline',
    promises: options.promises,
    rounds: options.rounds,
    product: both((each) => each.product),
    floor: both((each) => each.floor),
    announceBytes: both((each) => each.announceBytes),
    ratioSlaTimer: under('all')?.ratio ?? null,
    ratioSlaTimerConsequences: under('consequences')?.ratio ?? null,
    ratioCpu: both((each) => each.ratioCpu),
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
