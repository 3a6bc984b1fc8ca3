import type { Sql } from '#libs/persistence';
import { NO_EFFECTS, type Effects } from '#libs/shard-log';
import { loadBooks } from '../books/load-books.js';
import { outgoingOf } from '../books/outgoing.js';
import { applyDecision } from '../entitlement/apply-decision.js';
import { countTold } from '../metrics.js';
import { openRoom, type DecisionMeans } from '../promise-log/open-room.js';
import { ApologyWriter } from '../words/apology-writer.js';
import type { BulkDecision } from './line-command.js';
import { ADVANCE_BULK, HAS_BULK, HELD_BY_BREAKER, NEXT_BULK } from './sql.js';

const LINES_PER_TRANSACTION_MAX = 2_000;

/** Applies decisions about many lines bit by bit, so that a hundred thousand of them starve nobody. */
export class BulkDrain {
  constructor(private readonly means: DecisionMeans) {}

  async isPending(shard: number, tx: Sql): Promise<boolean> {
    const [row] = await tx.query<{ isPending: boolean }>(HAS_BULK, [shard]);
    return row?.isPending ?? false;
  }

  async drain(shard: number, tx: Sql): Promise<Effects> {
    const [bulk] = await tx.query<BulkDecision>(NEXT_BULK, [shard]);
    if (!bulk) return NO_EFFECTS;
    const found = await tx.query<{ lineId: string; promiseId: string }>(HELD_BY_BREAKER, [
      shard,
      bulk.guarantee,
      bulk.region,
      bulk.fromMs,
      bulk.toMs,
      LINES_PER_TRANSACTION_MAX,
    ]);
    const promiseIds = [...new Set(found.map(({ promiseId }) => promiseId))];
    const books = await loadBooks({ promiseIds, subjects: [], apologyDays: [] }, tx);
    const room = await openRoom(books, [], ApologyWriter.silent(), this.means, tx);
    let applied = 0;
    for (const { lineId, promiseId } of found) {
      const entitlement = books.find(promiseId);
      if (!entitlement) continue;
      const { apologyDay } = entitlement.lines.find((line) => line.lineId === lineId) ?? { apologyDay: null };
      const apologiesOfDay = apologyDay === null ? [] : books.apologiesOf(apologyDay).map(({ line }) => line);
      const input = { ...bulk, lineId, amount: null, of: 'breaker' as const };
      const outcome = applyDecision(entitlement, input, { involved: NOBODY, apologiesOfDay });
      if (outcome.kind !== 'applied') continue;
      room.take(entitlement, outcome.decision, bulk.atMs);
      applied++;
    }
    await room.save(this.means.shardCount, tx);
    countTold(books);
    // What cannot be decided (changed in between) is not asked for again.
    const isDone = found.length < LINES_PER_TRANSACTION_MAX || applied === 0;
    await tx.query(ADVANCE_BULK, [shard, bulk.eventId, applied, isDone]);
    return {
      outgoing: outgoingOf(books, this.means),
      rejected: [],
      pending: await this.isPending(shard, tx),
    };
  }
}

const NOBODY: ReadonlySet<string> = new Set();
