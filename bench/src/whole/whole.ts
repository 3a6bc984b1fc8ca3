import type { Infrastructure } from '../../../apps/cli/src/stack/infrastructure.js';
import { tableOf } from '../live/statistics.js';
import { median, round2 } from '../pipeline/report.js';
import type { Stage } from '../service.js';
import { note } from '../stage.js';
import { startProduct, startWholeFloor } from './contenders.js';
import { PROCESSES, runWhole, type ProcessName, type WholeRun } from './run-whole.js';
import { stepsOf } from './steps.js';
import { dueOf } from './told.js';

export interface WholeOptions {
  readonly promises: number;
  readonly rounds: number;
  readonly isAlone: boolean;
}

export interface WholeSummary {
  readonly eventsPerSecond: number;
  /** Microseconds a fact. */
  readonly cpuUs: Readonly<Record<ProcessName, number | null>>;
}

export interface WholeCompared {
  readonly product: WholeSummary;
  readonly floor: WholeSummary;
  /** The median of the rounds' own ratios of events/s. */
  readonly ratio: number;
  /** Of all CPU of a fact, the generator's left out; null where it cannot be known. */
  readonly ratioCpu: number | null;
}

/** From the first POST until everything is settled, refunded and scored: four services beside four hand-written processes. */
export async function compareWhole(
  stage: Stage,
  infrastructure: Infrastructure,
  { promises, rounds, isAlone }: WholeOptions,
): Promise<WholeCompared | null> {
  const steps = stepsOf(promises);
  const due = dueOf(promises);
  const facts = promises + (promises - due.broken);
  note(`whole · ${promises} promises, ${facts} facts over HTTP, ${due.broken} breaches to refund and to score`);
  const done: { product: WholeRun; floor: WholeRun }[] = [];
  for (let round = 1; round <= rounds; round++) {
    const plan = { facts, steps, due };
    const start = () => startProduct(stage, round);
    const product = await runWhole(stage, infrastructure, start, { ...plan, asMuch: null });
    note(`  round ${round}  product   ${wordsOf(product)}`);
    if (isAlone) continue;
    const { told } = product;
    const startFloor = () => startWholeFloor(stage, round, told, due.broken);
    const floor = await runWhole(stage, infrastructure, startFloor, { ...plan, asMuch: told });
    note(`  round ${round}  floor     ${wordsOf(floor)}`);
    done.push({ product, floor });
  }
  return isAlone ? null : compareRuns(done);
}

export function compareRuns(
  rounds: readonly { readonly product: WholeRun; readonly floor: WholeRun }[],
): WholeCompared {
  const product = summaryOf(rounds.map((round) => round.product));
  const floor = summaryOf(rounds.map((round) => round.floor));
  const [ours, theirs] = [allCpuUs(product), allCpuUs(floor)];
  return {
    product,
    floor,
    ratio: round2(median(rounds.map((round) => round.product.eventsPerSecond / round.floor.eventsPerSecond))),
    ratioCpu: ours && theirs ? round2(theirs / ours) : null,
  };
}

function summaryOf(runs: readonly WholeRun[]): WholeSummary {
  const middle = (name: ProcessName): number | null => {
    const values = runs.map(({ cpuUs }) => cpuUs[name]).filter((value) => value !== null);
    return values.length === 0 ? null : Math.round(median(values) * 10) / 10;
  };
  return {
    eventsPerSecond: Math.round(median(runs.map(({ eventsPerSecond }) => eventsPerSecond))),
    cpuUs: Object.fromEntries(PROCESSES.map((name) => [name, middle(name)])) as WholeSummary['cpuUs'],
  };
}

function allCpuUs({ cpuUs }: WholeSummary): number | null {
  const values = PROCESSES.filter((name) => name !== 'generator').map((name) => cpuUs[name]);
  return values.includes(null) ? null : values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}

/** Rows of text, columns aligned. */
export function wholeTable({ product, floor, ratio }: WholeCompared): string[] {
  const row = (who: string, { eventsPerSecond, cpuUs }: WholeSummary, of: number): (string | number)[] => [
    who,
    eventsPerSecond,
    of.toFixed(2),
    ...PROCESSES.map((name) => cpuUs[name]?.toFixed(1) ?? '–'),
  ];
  const titles = ['whole, CPU in µs/event', 'events/s', 'of floor', ...PROCESSES];
  return tableOf(titles, [row('four services', product, ratio), row('floor', floor, 1)]);
}

function wordsOf({ eventsPerSecond, elapsedMs, cpuUs, told }: WholeRun): string {
  const cpu = PROCESSES.map((name) => `${name} ${cpuUs[name]?.toFixed(1) ?? '–'}`).join(', ');
  const { promises, lines, scores } = told;
  const again = promises.repeated + lines.repeated + scores.repeated;
  const twice = again === 0 ? '' : `; ${again} records repeat an announcement`;
  return `${Math.round(eventsPerSecond)} events/s (${(elapsedMs / 1_000).toFixed(1)} s; µs/event: ${cpu})${twice}`;
}
