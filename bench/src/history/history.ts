import { rehearse } from '../live/rehearse.js';
import { tableOf } from '../live/statistics.js';
import { product } from '../pipeline/contender.js';
import { median } from '../pipeline/report.js';
import { pidOf } from '../pipeline/run-once.js';
import type { Stage } from '../service.js';
import { note, withStage, type StageOptions } from '../stage.js';
import { multiply } from './multiply.js';
import { ANNOUNCE, readOnce, type Read } from './read-once.js';

export interface HistoryOptions extends StageOptions {
  readonly promises: number;
  /** Promises of the past that lie in the tables. */
  readonly settled: number;
  readonly rounds: number;
  readonly json: boolean;
}

interface Round {
  readonly empty: Read;
  readonly full: Read;
  /** Events/s of the second to those of the first. */
  readonly ratio: number;
  /** CPU an event of process and database, of the first to that of the second: what others do on the machine moves it less. */
  readonly ratioCpu: number;
}

/** A new cluster's first files of its log are made as they are needed: that is nobody's figure. */
const WARM_UP_PROMISES = 20_000;

/** `bench history`: the same work in empty tables and in tables that are full of what is settled. */
export async function history(options: HistoryOptions): Promise<void> {
  const { promises, settled } = options;
  await withStage(options, 'replay', async (stage, infrastructure) => {
    const databasePid = pidOf(infrastructure, 'database');
    await roundOf(stage, databasePid, { promises: WARM_UP_PROMISES, settled: 0, name: 'warm_up' });
    const rounds: Round[] = [];
    for (let round = 1; round <= options.rounds; round++)
      rounds.push(await roundOf(stage, databasePid, { promises, settled, name: `round_${round}` }));
    print(rounds, options);
  });
}

async function roundOf(
  stage: Stage,
  databasePid: number,
  { promises, settled, name }: { readonly promises: number; readonly settled: number; readonly name: string },
): Promise<Round> {
  return rehearse(stage, product, { name: `history_${name}`, announce: ANNOUNCE, lines: [] }, async (rehearsed) => {
    const read = (turn: number): Promise<Read> =>
      readOnce(rehearsed, { brokers: stage.brokers, databasePid, promises, turn });
    const empty = await read(0);
    note(`  ${name}  empty tables: ${JSON.stringify(empty)}`);
    await multiply(rehearsed, Math.ceil(settled / promises));
    const full = await read(1);
    note(`  ${name}  ${settled} settled promises: ${JSON.stringify(full)}`);
    const cpuOf = ({ ownCpuUs, databaseCpuUs }: Read): number => ownCpuUs + databaseCpuUs;
    return {
      empty,
      full,
      ratio: full.eventsPerSecond / empty.eventsPerSecond,
      ratioCpu: cpuOf(empty) / cpuOf(full),
    };
  });
}

function print(rounds: readonly Round[], { promises, settled, json }: HistoryOptions): void {
  const of = (pick: (round: Round) => number, digits = 1): number => Number(median(rounds.map(pick)).toFixed(digits));
  const readOf = (pick: (round: Round) => Read): Read => ({
    eventsPerSecond: of((round) => pick(round).eventsPerSecond, 0),
    ownCpuUs: of((round) => pick(round).ownCpuUs),
    databaseCpuUs: of((round) => pick(round).databaseCpuUs),
    walBytes: of((round) => pick(round).walBytes, 0),
    wholePages: of((round) => pick(round).wholePages, 3),
  });
  const [empty, full] = [readOf((round) => round.empty), readOf((round) => round.full)];
  const [ratio, ratioCpu] = [of((round) => round.ratio, 2), of((round) => round.ratioCpu, 2)];
  const row = (what: string, read: Read): (string | number)[] => [
    ...[what, read.eventsPerSecond, read.ownCpuUs, read.databaseCpuUs, read.walBytes, read.wholePages],
  ];
  const rows = [
    row('empty tables', empty),
    row(`${settled.toLocaleString('en')} settled promises`, full),
    ['ratio, median of the rounds', ratio, `CPU ${ratioCpu}`, '', '', ''],
  ];
  const heads = ['sla-timer; an event', 'events/s', 'own CPU µs', 'database CPU µs', 'WAL bytes', 'whole pages'];
  process.stdout.write(`${tableOf(heads, rows).join('\n')}\n`);
  const result = { promises, settled, empty, full, ratio, ratioCpu };
  if (json) process.stdout.write(`${JSON.stringify({ bench: 'history', ...result })}\n`);
}
