import { DEFAULT_SHARD_COUNT } from '#libs/contracts';
import type { Rehearsed } from '../live/rehearse.js';
import { cpuMsOf } from '../pipeline/cpu.js';
import { writeLines } from '../pipeline/seed.js';
import { waitUntil } from '../pipeline/wait.js';
import { expectedOf, LAST_TICK_MS, workload, type Announce } from '../pipeline/workload.js';

/** The workload read once. */
export interface Read {
  readonly eventsPerSecond: number;
  /** CPU an event, in microseconds: of the process itself, and of the database with all its processes. */
  readonly ownCpuUs: number;
  readonly databaseCpuUs: number;
  /** What an event wrote into the database's own log, whole pages after a checkpoint included. */
  readonly walBytes: number;
  readonly wholePages: number;
}

export const ANNOUNCE: Announce = 'consequences';
/** The second workload lies beyond the windows of the first. */
const YEAR_MS = 366 * 24 * 3_600_000;

/** Writes the workload into the log, and measures how a fresh process reads it. */
export async function readOnce(
  rehearsed: Rehearsed,
  run: {
    readonly brokers: string;
    readonly databasePid: number;
    readonly promises: number;
    /** 0, 1, …: each has promises of its own, later than those before it. */
    readonly turn: number;
  },
): Promise<Read> {
  const { applied, query, schema } = rehearsed;
  const { promises, turn } = run;
  const before = await applied();
  let records = 0;
  await rehearsed.restart(async () => {
    const lines = workload(promises, DEFAULT_SHARD_COUNT, turn * promises, turn * YEAR_MS);
    records = await writeLines(run.brokers, lines);
  });
  await waitUntil(async () => (await applied()) > before, 'the first batch is taken up', 60_000, 5);
  const spent = async (): Promise<number[]> => [
    performance.now(),
    ...[rehearsed.pid(), run.databasePid].map((pid) => cpuMsOf(pid) ?? 0),
    ...(await walOf(rehearsed)),
  ];
  const spentBefore = await spent();
  const isSettled = `
    select not exists (select from ${schema}.outbox)
       and not exists (select from ${schema}.subject where wake_at_ms < ${LAST_TICK_MS + turn * YEAR_MS}) as yes`;
  const isDone = async (): Promise<boolean> =>
    (await applied()) >= before + records && (await query<{ yes: boolean }>(isSettled))[0]?.yes === true;
  await waitUntil(isDone, 'all is settled', 900_000, 20);
  const { facts } = expectedOf(promises, ANNOUNCE);
  const [elapsedMs = 0, ownMs = 0, databaseMs = 0, walBytes = 0, wholePages = 0] = (await spent()).map(
    (after, i) => (after - (spentBefore[i] ?? 0)) / facts,
  );
  return {
    eventsPerSecond: Math.round(1_000 / elapsedMs),
    ownCpuUs: Math.round(ownMs * 10_000) / 10,
    databaseCpuUs: Math.round(databaseMs * 10_000) / 10,
    walBytes: Math.round(walBytes),
    wholePages: Math.round(wholePages * 1_000) / 1_000,
  };
}

/** Bytes and whole pages that the server has written into its log. */
async function walOf({ query }: Rehearsed): Promise<[bytes: number, pages: number]> {
  const [row] = await query<{ bytes: string; pages: string }>(
    'select wal_bytes as bytes, wal_fpi as pages from pg_stat_wal',
  );
  return [Number(row?.bytes), Number(row?.pages)];
}
