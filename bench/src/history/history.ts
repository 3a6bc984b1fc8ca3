import { DEFAULT_SHARD_COUNT } from '#libs/contracts';
import { rehearse, type Rehearsed } from '../live/rehearse.js';
import { tableOf } from '../live/statistics.js';
import { product } from '../pipeline/contender.js';
import { median } from '../pipeline/report.js';
import { writeLines } from '../pipeline/seed.js';
import { waitUntil } from '../pipeline/wait.js';
import { expectedOf, LAST_TICK_MS, workload } from '../pipeline/workload.js';
import type { Stage } from '../service.js';
import { note, withStage, type StageOptions } from '../stage.js';
import { COPY_PROMISES, COPY_SUBJECTS, SETTLE_ALL, VACUUM } from './multiply-sql.js';

export interface HistoryOptions extends StageOptions {
  readonly promises: number;
  /** Promises of the past that lie in the tables. */
  readonly settled: number;
  readonly rounds: number;
  readonly json: boolean;
}

interface Round {
  readonly emptyEventsPerSecond: number;
  readonly eventsPerSecond: number;
  readonly ratio: number;
}

const ANNOUNCE = 'consequences';
/** The second workload lies beyond the windows of the first. */
const YEAR_MS = 366 * 24 * 3_600_000;

/** `bench history`: the same work in empty tables and in tables that are full of what is settled. */
export async function history(options: HistoryOptions): Promise<void> {
  await withStage(options, 'replay', async (stage) => {
    const rounds: Round[] = [];
    for (let round = 1; round <= options.rounds; round++) rounds.push(await roundOf(stage, options, round));
    print(rounds, options);
  });
}

async function roundOf(stage: Stage, { promises, settled }: HistoryOptions, round: number): Promise<Round> {
  return rehearse(stage, product, { name: `history_${round}`, announce: ANNOUNCE, lines: [] }, async (rehearsed) => {
    const empty = await eventsPerSecond(stage, rehearsed, promises, 0);
    note(`  round ${round}  empty tables: ${empty} events/s`);
    await multiply(rehearsed, Math.ceil(settled / promises));
    const full = await eventsPerSecond(stage, rehearsed, promises, 1);
    note(`  round ${round}  ${settled} settled promises: ${full} events/s`);
    return { emptyEventsPerSecond: empty, eventsPerSecond: full, ratio: Math.round((full / empty) * 100) / 100 };
  });
}

/** @param turn 0, 1, …: each has promises of its own, later than those before it. */
async function eventsPerSecond(stage: Stage, rehearsed: Rehearsed, promises: number, turn: number): Promise<number> {
  const { applied, query, schema } = rehearsed;
  const before = await applied();
  let records = 0;
  await rehearsed.restart(async () => {
    const lines = workload(promises, DEFAULT_SHARD_COUNT, turn * promises, turn * YEAR_MS);
    records = await writeLines(stage.brokers, lines);
  });
  await waitUntil(async () => (await applied()) > before, 'the first batch is taken up', 60_000, 5);
  const startMs = performance.now();
  const isSettled = `
    select not exists (select from ${schema}.outbox)
       and not exists (select from ${schema}.subject where wake_at_ms < ${LAST_TICK_MS + turn * YEAR_MS}) as yes`;
  const isDone = async (): Promise<boolean> =>
    (await applied()) >= before + records && (await query<{ yes: boolean }>(isSettled))[0]?.yes === true;
  await waitUntil(isDone, 'all is settled', 900_000, 20);
  return Math.round((expectedOf(promises, ANNOUNCE).facts / (performance.now() - startMs)) * 1_000);
}

/** Copies what has just been settled, as often as it takes, under subjects of their own. */
async function multiply({ query, schema }: Rehearsed, times: number): Promise<void> {
  const startMs = performance.now();
  for (const sql of [SETTLE_ALL, COPY_SUBJECTS(times), COPY_PROMISES(times)])
    await query(`set search_path to ${schema}; ${sql}`);
  for (const sql of VACUUM) await query(sql);
  const seconds = Math.round((performance.now() - startMs) / 1_000);
  const [size] = await query<{ text: string }>(
    `select pg_size_pretty(pg_total_relation_size('subject') + pg_total_relation_size('promise')) as text`,
  );
  note(`  history of ${size?.text ?? '?'} made in ${seconds} s`);
}

function print(rounds: readonly Round[], { promises, settled, json }: HistoryOptions): void {
  const of = (pick: (round: Round) => number): number => median(rounds.map(pick));
  const result = {
    promises,
    settled,
    emptyEventsPerSecond: of((round) => round.emptyEventsPerSecond),
    eventsPerSecond: of((round) => round.eventsPerSecond),
    ratio: of((round) => round.ratio),
  };
  const rows = [
    ['empty tables', result.emptyEventsPerSecond],
    [`${settled.toLocaleString('en')} settled promises`, result.eventsPerSecond],
    ['ratio, median of the rounds', result.ratio],
  ];
  process.stdout.write(`${tableOf(['sla-timer', 'events/s'], rows).join('\n')}\n`);
  if (json) process.stdout.write(`${JSON.stringify({ bench: 'history', ...result })}\n`);
}
