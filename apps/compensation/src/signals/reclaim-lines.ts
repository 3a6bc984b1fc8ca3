import type { InstantMs } from '#libs/kernel';
import type { Sql } from '#libs/persistence';
import type { Outgoing } from '#libs/shard-log';
import { loadBooks } from '../books/load-books.js';
import { outgoingOf } from '../books/outgoing.js';
import { saveBooks } from '../books/save-books.js';
import { Draft } from '../entitlement/draft.js';
import { decisionOf } from '../entitlement/settle-entitlement.js';
import { takeUp } from '../entitlement/unclaimed.js';
import { countTold } from '../metrics.js';

const FIND_UNCLAIMED = `
select line_id as "lineId", promise_id as "promiseId" from line where state = 'unclaimed' and beneficiary = any($1::text[])
order by issued_at_ms, line_id`;

/** Whoever has told how money reaches them is asked to be paid what had no way to them: by the line's own route. */
export async function reclaimLines(
  customers: readonly string[],
  atMs: InstantMs,
  shardCount: number,
  tx: Sql,
): Promise<Outgoing[]> {
  if (customers.length === 0) return [];
  const found = await tx.query<{ lineId: string; promiseId: string }>(FIND_UNCLAIMED, [customers]);
  if (found.length === 0) return [];
  const promiseIds = [...new Set(found.map(({ promiseId }) => promiseId))];
  const books = await loadBooks({ promiseIds, subjects: [], apologyDays: [] }, tx);
  for (const { lineId, promiseId } of found) {
    const entitlement = books.find(promiseId);
    if (entitlement?.lines.find((line) => line.lineId === lineId)?.state !== 'unclaimed') continue;
    const draft = new Draft(entitlement.lines, atMs);
    takeUp(draft, lineId, 'payee-known', null);
    books.take(entitlement, decisionOf(draft));
  }
  await saveBooks(books, shardCount, tx);
  countTold(books);
  return outgoingOf(books, { shardCount, hasPayouts: false }); // their payouts were promised when they were asked for first
}
