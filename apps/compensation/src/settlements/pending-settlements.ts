import { TOPICS } from '#libs/contracts';
import type { InstantMs } from '#libs/kernel';
import type { LogRecord } from '#libs/messaging';
import type { Sql } from '#libs/persistence';
import type { DecisionItem, SettlementItem } from './read-money-record.js';
import { FIND_PENDING, KEEP_PENDING, SAVE_TIME, TAKE_PENDING } from './sql.js';

/** A settlement may come before its line (a restored database): it is kept so long. */
const UNKNOWN_LINE_KEPT_MS = 24 * 3_600_000;

interface PendingRow {
  readonly logOffset: number;
  readonly lineId: string;
  readonly recordKey: string | null;
  readonly timestampMs: number;
  readonly value: string;
}

export type AboutLine = SettlementItem | DecisionItem;

export async function keepPending(shard: number, unknown: readonly AboutLine[], tx: Sql): Promise<void> {
  if (unknown.length === 0) return;
  await tx.query(KEEP_PENDING, [
    shard,
    unknown.map(({ record }) => record.offset),
    unknown.map(({ input }) => input.lineId),
    unknown.map(({ record }) => record.key),
    unknown.map(({ record }) => record.timestampMs),
    unknown.map(({ record }) => record.value.toString('utf8')),
  ]);
}

/** Of these lines, those about which something waits already. */
export async function linesWaitedFor(shard: number, lineIds: readonly string[], tx: Sql): Promise<string[]> {
  if (lineIds.length === 0) return [];
  const rows = await tx.query<{ lineId: string }>(FIND_PENDING, [shard, lineIds]);
  return rows.map(({ lineId }) => lineId);
}

/** Those whose line has appeared, and those that have waited too long, in the order of the log. */
export async function takePending(shard: number, shardCount: number, tickMs: InstantMs, tx: Sql): Promise<LogRecord[]> {
  await tx.query(SAVE_TIME, [shard, tickMs]);
  const rows = await tx.query<PendingRow>(TAKE_PENDING, [shard, UNKNOWN_LINE_KEPT_MS, shardCount]);
  rows.sort((a, b) => a.logOffset - b.logOffset);
  return rows.map(({ logOffset, timestampMs, recordKey, value }) => ({
    topic: TOPICS.settlements,
    partition: shard,
    offset: logOffset,
    timestampMs,
    key: recordKey,
    value: Buffer.from(value, 'utf8'),
  }));
}
