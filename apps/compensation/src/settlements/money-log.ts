import type { InstantMs } from '#libs/kernel';
import type { LogRecord } from '#libs/messaging';
import type { Sql } from '#libs/persistence';
import { NO_EFFECTS, type Effects, type Rejected, type ShardBatch } from '#libs/shard-log';
import { loadBooks } from '../books/load-books.js';
import { outgoingOf } from '../books/outgoing.js';
import { saveCircumstances } from '../circumstances/save-circumstances.js';
import { saveBulk } from '../decisions/save-bulk.js';
import { countTold } from '../metrics.js';
import { isCorrected } from '../promise-log/judged-promise.js';
import { openRoom, type DecisionMeans } from '../promise-log/open-room.js';
import { ApologyWriter } from '../words/apology-writer.js';
import type { TemplateLibrary } from '../words/template-library.js';
import { termsOfPromises } from './concerned-terms.js';
import { MoneyRoom } from './money-room.js';
import { keepPending, linesWaitedFor, takePending, type AboutLine } from './pending-settlements.js';
import { readMoneyRecord, type MoneyItem } from './read-money-record.js';
import { FIND_LINES } from './sql.js';

/** What had to wait for its line may have failed, and been replayed, before it waited. */
const WAITED = 'waited';

/**
 * Books what finance says, and applies decisions, claims and money that others gave back. These come by line or subject,
 * promises by customer, so two shards may write to one line: the lock on the promise's entitlement decides who is first,
 * and both orders come to the same books.
 */
export class MoneyLog {
  constructor(
    private readonly means: DecisionMeans,
    private readonly templates: TemplateLibrary,
  ) {}

  async apply(batch: ShardBatch, tx: Sql): Promise<Effects> {
    const { items, rejected } = readAll(batch.records);
    await saveBulk(batch.shard, items, tx);
    const found = await this.findPromises(items, tx);
    const { promiseOf } = found;
    // Word about a line does not overtake earlier word that still waits for it.
    for (const lineId of await linesWaitedFor(batch.shard, [...promiseOf.keys()], tx)) promiseOf.delete(lineId);
    await keepPending(batch.shard, items.filter(isAboutLine).filter(isUnknown(promiseOf)), tx);
    const effects = await this.decide(items, found, tx);
    const pending = items.some(({ kind }) => kind === 'bulk');
    return { ...effects, rejected: [...rejected, ...effects.rejected], pending };
  }

  /** At a tick: settlements whose line has appeared are booked, those that waited too long become dead letters. */
  async tick(shard: number, tickMs: InstantMs, tx: Sql): Promise<Effects> {
    const records = await takePending(shard, this.means.shardCount, tickMs, tx);
    if (records.length === 0) return NO_EFFECTS;
    const { items } = readAll(records);
    const found = await this.findPromises(items, tx);
    const effects = await this.decide(items, found, tx);
    const late = items
      .filter(isAboutLine)
      .filter(isUnknown(found.promiseOf))
      .map(({ record, input }) => ({
        record,
        reason: 'SETTLEMENT_UNKNOWN_LINE',
        detail: `line ${input.lineId} has not appeared within 24 h`,
      }));
    const rejected = [...effects.rejected, ...late].map((one) => ({ ...one, occasion: WAITED }));
    return { ...effects, rejected };
  }

  private async findPromises(items: readonly MoneyItem[], tx: Sql): Promise<FoundPromises> {
    const lineIds = [...new Set(items.filter(isAboutLine).map(({ input }) => input.lineId))];
    if (lineIds.length === 0) return { promiseOf: new Map(), ofApologies: [] };
    const rows = await tx.query<{ lineId: string; promiseId: string; isApology: boolean }>(FIND_LINES, [lineIds]);
    return {
      promiseOf: new Map(rows.map(({ lineId, promiseId }) => [lineId, promiseId])),
      ofApologies: rows.filter(({ isApology }) => isApology).map(({ promiseId }) => promiseId),
    };
  }

  private async decide(
    items: readonly MoneyItem[],
    { promiseOf, ofApologies }: FoundPromises,
    tx: Sql,
  ): Promise<Effects> {
    const claims = items.flatMap((item) => (item.kind === 'claim' ? [item.claim] : []));
    const returned = items.flatMap((item) => (item.kind === 'returned' ? [item.returned] : []));
    const concerned = await saveCircumstances(claims, returned, tx);
    const anew = [...new Set([...concerned.ofClaim.values(), ...concerned.ofReturned.values()].flat())];
    const promiseIds = [...new Set([...promiseOf.values(), ...anew])];
    if (promiseIds.length + claims.length === 0) return NO_EFFECTS;
    const judgedAnew = await termsOfPromises(anew, this.means.terms, tx);
    const settled = await termsOfPromises(ofApologies, this.means.terms, tx);
    const writer = await ApologyWriter.forPromises([...judgedAnew, ...settled.filter(isCorrected)], this.templates, tx);
    const books = await loadBooks({ promiseIds, subjects: [], apologyDays: writer.apologyDays }, tx);
    const room = await openRoom(books, [], writer, this.means, tx);
    const money = await MoneyRoom.open(room, { items, promiseOf, concerned }, this.means.shardCount, tx);
    for (const item of items) money.apply(item);
    await room.save(this.means.shardCount, tx);
    await money.save(tx);
    countTold(books);
    return {
      outgoing: [...money.answers.outgoing, ...outgoingOf(books, this.means)],
      rejected: [...money.rejected, ...room.rejected, ...writer.rejected],
      pending: false,
    };
  }
}

interface FoundPromises {
  /** By line. */
  readonly promiseOf: Map<string, string>;
  /** Promises of those lines that are apologies. */
  readonly ofApologies: readonly string[];
}

function isAboutLine(item: MoneyItem): item is AboutLine {
  return item.kind === 'settlement' || item.kind === 'decision';
}

function isUnknown(promiseOf: ReadonlyMap<string, string>): (item: AboutLine) => boolean {
  return ({ input }) => !promiseOf.has(input.lineId);
}

function readAll(records: readonly LogRecord[]): { items: MoneyItem[]; rejected: Rejected[] } {
  const items: MoneyItem[] = [];
  const rejected: Rejected[] = [];
  for (const record of records) {
    const read = readMoneyRecord(record);
    if (read === null) continue;
    if ('kind' in read) items.push(read);
    else rejected.push(read);
  }
  return { items, rejected };
}
