import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TOPICS } from '#libs/contracts';
import type { StackClient } from '../stack/client.js';
import { SERVICE_NAMES } from '../stack/ports.js';
import { peakRssKib } from '../stack/process-table.js';
import { readState } from '../stack/state.js';
import { readTopics } from '../topics/read-topic.js';
import { ReportBuilder, type ReplayReport } from './report.js';
import { TopicFiles } from './topic-files.js';

/** What a report needs beside the topics: kept in the data dir for `replay report` and for going on. */
export interface FeedTotals {
  readonly events: number;
  readonly elapsedMs: number;
  /** Payouts are watched as promises, as the stack was started with: whoever goes on in it waits at ticks too. */
  readonly payouts?: boolean;
}

const REPORTED: readonly string[] = [TOPICS.promises, TOPICS.compensations, TOPICS.deadLetters];
/** What makegood says: written by --out. */
const EMITTED: readonly string[] = [...REPORTED, TOPICS.signals, TOPICS.settlements, TOPICS.loyalty];

const totalsFile = (dataDir: string): string => join(dataDir, 'replay.json');

export function readTotals(dataDir: string): FeedTotals {
  if (!existsSync(totalsFile(dataDir))) return { events: 0, elapsedMs: 0 };
  return JSON.parse(readFileSync(totalsFile(dataDir), 'utf8')) as FeedTotals;
}

export function writeTotals(dataDir: string, totals: FeedTotals): void {
  writeFileSync(totalsFile(dataDir), `${JSON.stringify(totals)}\n`);
}

/** Reads the topics of a drained stack back, into the report and (with `outDir`) into files. */
export async function readOutcome(
  client: StackClient,
  totals: FeedTotals,
  outDir: string | null,
): Promise<ReplayReport> {
  const topics = outDir === null ? REPORTED : EMITTED;
  const files = outDir === null ? null : new TopicFiles(outDir, topics);
  const builder = new ReportBuilder();
  await readTopics({ brokers: client.brokers, topics, from: 'earliest', untilEnd: true }, (record) => {
    files?.add(record);
    if (REPORTED.includes(record.topic)) builder.add(record.topic, JSON.parse(record.text) as never);
  });
  files?.close();
  return builder.build({ ...totals, ledger: await ledgerOf(client) });
}

async function ledgerOf(client: StackClient): Promise<ReplayReport['ledger']> {
  const { balances } = await client.get<{ balances: { currency: string; balanceMinor: number | string }[] }>(
    'compensation',
    '/ledger/balances',
  );
  const sums = new Map<string, bigint>();
  for (const { currency, balanceMinor } of balances)
    sums.set(currency, (sums.get(currency) ?? 0n) + BigInt(balanceMinor));
  const { count } = await client.get<{ count: number }>('compensation', '/ledger/entries?count=true');
  return { balanced: [...sums.values()].every((sum) => sum === 0n), entries: count };
}

/** Highest resident memory of each service so far, in MiB; a service that cannot be looked at is left out. */
export function peaksOf(dataDir: string): Record<string, number> {
  const pids = readState(dataDir)?.pids ?? {};
  return Object.fromEntries(
    SERVICE_NAMES.flatMap((name) => {
      const kib = pids[name] === undefined ? null : peakRssKib(pids[name]);
      return kib === null ? [] : [[name, Math.round(kib / 1_024)]];
    }),
  );
}
