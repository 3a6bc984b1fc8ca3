import type { Run } from './run-once.js';
import type { Announce } from './workload.js';

export interface Summary {
  readonly eventsPerSecond: number;
  readonly ownCpuUs: number | null;
  readonly databaseCpuUs: number | null;
  readonly brokerCpuUs: number | null;
}

export interface Compared {
  readonly announce: Announce;
  readonly product: Summary;
  readonly floor: Summary;
  /** The median of the rounds' own ratios: neighbours in time share the machine's weather. */
  readonly ratio: number;
  /** CPU of the two processes themselves: what the machine's other users disturb least. */
  readonly ratioCpu: number | null;
  readonly announceBytes: number;
}

export function compare(
  announce: Announce,
  rounds: readonly { readonly product: Run; readonly floor: Run }[],
): Compared {
  const product = summaryOf(rounds.map((round) => round.product));
  const floor = summaryOf(rounds.map((round) => round.floor));
  const { counts = {}, bytes = {} } = rounds[0]?.product.announced ?? {};
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const weight = Object.entries(counts).reduce((sum, [kind, count]) => sum + count * (bytes[kind] ?? 0), 0);
  return {
    announce,
    product,
    floor,
    ratio: round2(median(rounds.map((round) => round.product.eventsPerSecond / round.floor.eventsPerSecond))),
    ratioCpu: product.ownCpuUs && floor.ownCpuUs ? round2(floor.ownCpuUs / product.ownCpuUs) : null,
    announceBytes: total === 0 ? 0 : Math.round(weight / total),
  };
}

function summaryOf(runs: readonly Run[]): Summary {
  const middle = (pick: (run: Run) => number | null): number | null => {
    const values = runs.map(pick).filter((value) => value !== null);
    return values.length === 0 ? null : Math.round(median(values) * 10) / 10;
  };
  return {
    eventsPerSecond: Math.round(median(runs.map((run) => run.eventsPerSecond))),
    ownCpuUs: middle((run) => run.ownCpuUs),
    databaseCpuUs: middle((run) => run.databaseCpuUs),
    brokerCpuUs: middle((run) => run.brokerCpuUs),
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle] ?? 0, sorted[middle] ?? 0];
  return (low + high) / 2;
}

export const round2 = (value: number): number => Math.round(value * 100) / 100;

const COLUMNS = ['announce', 'who', 'events/s', 'of floor', 'CPU µs/event: own', 'database', 'broker'];

/** Rows of text, columns aligned. */
export function tableOf(all: readonly Compared[]): string[] {
  const cell = (value: number | null): string => (value === null ? '–' : value.toFixed(1));
  const row = (announce: string, who: string, s: Summary, ratio: string): string[] => [
    announce,
    who,
    String(s.eventsPerSecond),
    ratio,
    cell(s.ownCpuUs),
    cell(s.databaseCpuUs),
    cell(s.brokerCpuUs),
  ];
  const rows = all.flatMap(({ announce, product, floor, ratio }) => [
    row(announce, 'sla-timer', product, ratio.toFixed(2)),
    row(announce, 'floor', floor, '1.00'),
  ]);
  const widths = COLUMNS.map((title, i) => Math.max(title.length, ...rows.map((cells) => cells[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells.map((text, i) => (i < 2 ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0))).join('  ');
  return [line(COLUMNS), ...rows.map(line)];
}
