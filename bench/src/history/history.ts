import { rehearse, type Rehearsed } from '../live/rehearse.js';
import { tableOf } from '../live/statistics.js';
import { product } from '../pipeline/contender.js';
import { median } from '../pipeline/report.js';
import { pidOf } from '../pipeline/run-once.js';
import { note, withStage, type StageOptions } from '../stage.js';
import { multiply } from './multiply.js';
import { ANNOUNCE, readOnce, type Read } from './read-once.js';
import { SET_ASIDE, SETTLE_ALL, TAKE_BACK, VACUUM } from './set-aside-sql.js';

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

/**
 * `bench history`: the same work in empty tables and in tables that are full of what is settled, in turns. The history is made
 * once and set aside while it is the turn of the empty ones, which are made anew each time.
 */
export async function history(options: HistoryOptions): Promise<void> {
  await withStage(options, 'replay', async (stage, infrastructure) => {
    const databasePid = pidOf(infrastructure, 'database');
    const run = { name: 'history', announce: ANNOUNCE, lines: [] };
    await rehearse(stage, product, run, async (rehearsed) => {
      let turn = 0;
      const read = (): Promise<Read> =>
        readOnce(rehearsed, { brokers: stage.brokers, databasePid, promises: options.promises, turn: turn++ });
      print(await roundsOf(rehearsed, options, read), options);
    });
  });
}

async function roundsOf(
  rehearsed: Rehearsed,
  { promises, settled, rounds: count }: HistoryOptions,
  read: () => Promise<Read>,
): Promise<Round[]> {
  const { query, schema } = rehearsed;
  await query(`set search_path to ${schema}`);
  note(`  not counted: ${JSON.stringify(await read())}`);
  await query(SETTLE_ALL);
  await multiply(rehearsed, Math.ceil(settled / promises));
  const rounds: Round[] = [];
  for (let round = 1; round <= count; round++) {
    await query(SET_ASIDE);
    for (const sql of VACUUM) await query(sql);
    const empty = await read();
    note(`  round ${round}  empty tables: ${JSON.stringify(empty)}`);
    await query(TAKE_BACK);
    for (const sql of VACUUM) await query(sql);
    const full = await read();
    note(`  round ${round}  ${settled} settled promises: ${JSON.stringify(full)}`);
    await query(SETTLE_ALL);
    const ratio = full.eventsPerSecond / empty.eventsPerSecond;
    rounds.push({ empty, full, ratio, ratioCpu: cpuOf(empty) / cpuOf(full) });
  }
  return rounds;
}

const cpuOf = ({ ownCpuUs, databaseCpuUs }: Read): number => ownCpuUs + databaseCpuUs;

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
