import type { InstantMs } from '#libs/kernel';
import type { Sql } from '#libs/persistence';
import type { Books } from '../books/books.js';
import { wakeLine } from '../entitlement/wake-line.js';
import { SERVICE_TIME } from './sql.js';

/** Moves on what of these books the log's time has made due, in the order of its moments. @returns whether anything was. */
export function wakeLines(books: Books, timeMs: InstantMs): boolean {
  const due = books.dueBy(timeMs);
  for (const { promiseId, lineId } of due) {
    const entitlement = books.find(promiseId);
    if (entitlement) books.take(entitlement, wakeLine(entitlement, lineId));
  }
  return due.length > 0;
}

/** The shard's newest tick that has been applied; null: none has. */
export async function serviceTimeOf(shard: number, tx: Sql): Promise<InstantMs | null> {
  const [row] = await tx.query<{ timeMs: number }>(SERVICE_TIME, [shard]);
  return row?.timeMs ?? null;
}
