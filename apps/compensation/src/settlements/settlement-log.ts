import { TOPICS } from '#libs/contracts';
import type { InstantMs } from '#libs/kernel';
import type { LogRecord } from '#libs/messaging';
import type { Sql } from '#libs/persistence';
import { NO_EFFECTS, type Effects, type Outgoing, type Rejected, type ShardBatch } from '#libs/shard-log';
import type { Books } from '../books/books.js';
import { loadBooks } from '../books/load-books.js';
import { outgoingOf } from '../books/outgoing.js';
import { promoteApologies } from '../books/promote-apologies.js';
import { saveBooks } from '../books/save-books.js';
import { applySettlement, type Settlement } from '../entitlement/apply-settlement.js';
import { countTold, settlementsHeard } from '../metrics.js';
import { readSettlement, type SettlementRecord } from './read-settlement.js';
import { FIND_LINES, KEEP_PENDING, LOAD_SETTLEMENTS, SAVE_SETTLEMENTS, SAVE_TIME, TAKE_PENDING } from './sql.js';

/** A settlement may come before its line (a restored database): it is kept so long. */
const UNKNOWN_LINE_KEPT_MS = 24 * 3_600_000;

type Applied = Settlement & { readonly eventId: string };

/**
 * Books what finance says. Settlements come by line, promises by customer, so two shards may write to one line: the
 * lock on the promise's entitlement decides who is first, and both orders come to the same books.
 */
export class SettlementLog {
  constructor(private readonly shardCount: number) {}

  async apply(batch: ShardBatch, tx: Sql): Promise<Effects> {
    const { settlements, rejected } = readAll(batch.records);
    const { known, unknown } = await this.findPromises(settlements, tx);
    if (unknown.length > 0) await keepPending(batch.shard, unknown, tx);
    const effects = await this.book(known, tx);
    return { ...effects, rejected: [...rejected, ...effects.rejected] };
  }

  /** At a tick: settlements whose line has appeared are booked, those that waited too long become dead letters. */
  async tick(shard: number, tickMs: InstantMs, tx: Sql): Promise<Effects> {
    const [time] = await tx.query<{ timeMs: number }>(SAVE_TIME, [shard, tickMs]);
    const rows = await tx.query<PendingRow>(TAKE_PENDING, [shard, (time?.timeMs ?? tickMs) - UNKNOWN_LINE_KEPT_MS]);
    if (rows.length === 0) return NO_EFFECTS;
    rows.sort((a, b) => a.logOffset - b.logOffset);
    const { settlements } = readAll(rows.map((row) => recordOf(shard, row)));
    const { known, unknown } = await this.findPromises(settlements, tx);
    const effects = await this.book(known, tx);
    const late = unknown.map(({ record, input }) => ({
      record,
      reason: 'SETTLEMENT_UNKNOWN_LINE',
      detail: `line ${input.lineId} has not appeared within 24 h`,
    }));
    return { ...effects, rejected: [...effects.rejected, ...late] };
  }

  private async findPromises(settlements: readonly SettlementRecord[], tx: Sql) {
    const lineIds = [...new Set(settlements.map(({ input }) => input.lineId))];
    const rows =
      lineIds.length === 0 ? [] : await tx.query<{ lineId: string; promiseId: string }>(FIND_LINES, [lineIds]);
    const promiseOf = new Map(rows.map(({ lineId, promiseId }) => [lineId, promiseId]));
    const known: Addressed[] = [];
    const unknown: SettlementRecord[] = [];
    for (const settlement of settlements) {
      const promiseId = promiseOf.get(settlement.input.lineId);
      if (promiseId === undefined) unknown.push(settlement);
      else known.push({ ...settlement, promiseId });
    }
    return { known, unknown };
  }

  private async book(settlements: readonly Addressed[], tx: Sql): Promise<Effects> {
    if (settlements.length === 0) return NO_EFFECTS;
    const books = await loadBooks([...new Set(settlements.map(({ promiseId }) => promiseId))], [], tx);
    const lineIds = [...new Set(settlements.map(({ input }) => input.lineId))];
    const before = await tx.query<Settlement>(LOAD_SETTLEMENTS, [lineIds]);
    const byLine = Map.groupBy(before, ({ lineId }) => lineId);
    const applied: Applied[] = [];
    const rejected: Rejected[] = [];
    for (const settlement of settlements) {
      const known = byLine.get(settlement.input.lineId) ?? [];
      const result = applyOne(settlement, known, books);
      if (result === null) continue;
      if ('reason' in result && 'record' in result) rejected.push(result);
      else {
        applied.push({ ...result, eventId: settlement.eventId });
        byLine.set(result.lineId, [...known, result]);
      }
    }
    await saveBooks(books, tx);
    await saveSettlements(applied, tx);
    countTold(books);
    const outgoing: Outgoing[] = outgoingOf(books, this.shardCount);
    return { outgoing, rejected, pending: false };
  }
}

type Addressed = SettlementRecord & { readonly promiseId: string };

interface PendingRow {
  readonly logOffset: number;
  readonly lineId: string;
  readonly recordKey: string | null;
  readonly timestampMs: number;
  readonly value: string;
}

/** null: no effect (known before). */
function applyOne(settlement: Addressed, known: readonly Settlement[], books: Books): Settlement | Rejected | null {
  const entitlement = books.find(settlement.promiseId);
  if (!entitlement) throw new Error(`promise ${settlement.promiseId} of a known line has no entitlement`);
  const { atMs, input, record } = settlement;
  const context = { atMs, wordsOf: () => null, cancelReason: 'owed-less' };
  const outcome = applySettlement(entitlement, known, input, context);
  settlementsHeard.inc({ outcome: outcome.kind });
  if (outcome.kind === 'repeated') return null;
  if (outcome.kind === 'refused') return { record, reason: outcome.problem.code, detail: outcome.problem.detail };
  books.take(entitlement, outcome.decision);
  promoteApologies(books, outcome.decision.announcements, atMs);
  return outcome.settlement;
}

function readAll(records: readonly LogRecord[]): { settlements: SettlementRecord[]; rejected: Rejected[] } {
  const settlements: SettlementRecord[] = [];
  const rejected: Rejected[] = [];
  for (const record of records) {
    const read = readSettlement(record);
    if (read === null) continue;
    if ('input' in read) settlements.push(read);
    else rejected.push(read);
  }
  return { settlements, rejected };
}

async function saveSettlements(applied: readonly Applied[], tx: Sql): Promise<void> {
  if (applied.length === 0) return;
  const column = <K extends keyof Applied>(key: K): Applied[K][] => applied.map((row) => row[key]);
  await tx.query(SAVE_SETTLEMENTS, [
    column('lineId'),
    column('reference'),
    column('status'),
    column('amountMinor'),
    column('paidAtMs'),
    column('reason'),
    column('eventId'),
  ]);
}

async function keepPending(shard: number, unknown: readonly SettlementRecord[], tx: Sql): Promise<void> {
  await tx.query(KEEP_PENDING, [
    shard,
    unknown.map(({ record }) => record.offset),
    unknown.map(({ input }) => input.lineId),
    unknown.map(({ record }) => record.key),
    unknown.map(({ record }) => record.timestampMs),
    unknown.map(({ record }) => record.value.toString('utf8')),
  ]);
}

function recordOf(shard: number, row: PendingRow): LogRecord {
  return {
    topic: TOPICS.settlements,
    partition: shard,
    offset: row.logOffset,
    timestampMs: row.timestampMs,
    key: row.recordKey,
    value: Buffer.from(row.value, 'utf8'),
  };
}
