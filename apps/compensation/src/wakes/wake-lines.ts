import type { InstantMs } from '#libs/kernel';
import type { Sql } from '#libs/persistence';
import type { Books } from '../books/books.js';
import { wakeLine } from '../entitlement/wake-line.js';
import type { WordsOfReminder } from '../entitlement/reminders.js';
import type { ReminderWriter } from '../words/reminder-writer.js';
import { SERVICE_TIME } from './sql.js';

/** Moves on what of these books the log's time has made due, in the order of its moments. */
export function wakeLines(books: Books, timeMs: InstantMs, reminders: ReminderWriter): void {
  const wordsOf: WordsOfReminder = (owner, line) => reminders.wordsOf(owner, line);
  for (const { promiseId, lineId } of books.dueBy(timeMs)) {
    const entitlement = books.find(promiseId);
    if (entitlement) books.take(entitlement, wakeLine(entitlement, lineId, wordsOf));
  }
}

/** The shard's newest tick that has been applied; null: none has. */
export async function serviceTimeOf(shard: number, tx: Sql): Promise<InstantMs | null> {
  const [row] = await tx.query<{ timeMs: number }>(SERVICE_TIME, [shard]);
  return row?.timeMs ?? null;
}
