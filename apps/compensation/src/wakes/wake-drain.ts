import type { Sql } from '#libs/persistence';
import { NO_EFFECTS, type Effects } from '#libs/shard-log';
import { loadBooks } from '../books/load-books.js';
import { outgoingOf } from '../books/outgoing.js';
import { saveBooks } from '../books/save-books.js';
import { countTold } from '../metrics.js';
import type { DecisionMeans } from '../promise-log/open-room.js';
import { ReminderWriter } from '../words/reminder-writer.js';
import type { TemplateLibrary } from '../words/template-library.js';
import { FIND_DUE, HAS_DUE } from './sql.js';
import { wakeLines } from './wake-lines.js';

const LINES_PER_TRANSACTION_MAX = 2_000;

/** Moves on what time has made due in a shard, bit by bit: a night's words end at one and the same moment. */
export class WakeDrain {
  constructor(
    private readonly means: DecisionMeans,
    private readonly templates: TemplateLibrary,
  ) {}

  async isPending(shard: number, tx: Sql): Promise<boolean> {
    const [row] = await tx.query<{ isDue: boolean }>(HAS_DUE, [shard]);
    return row?.isDue ?? false;
  }

  async drain(shard: number, tx: Sql): Promise<Effects> {
    const due = await tx.query<{ promiseId: string; timeMs: number }>(FIND_DUE, [shard, LINES_PER_TRANSACTION_MAX]);
    const [first] = due;
    if (!first) return NO_EFFECTS;
    const promiseIds = [...new Set(due.map(({ promiseId }) => promiseId))];
    const books = await loadBooks({ promiseIds, subjects: [], apologyDays: [] }, tx);
    const { terms, shardCount } = this.means;
    const reminders = await ReminderWriter.open(books, first.timeMs, { terms, templates: this.templates }, tx);
    wakeLines(books, first.timeMs, reminders);
    await saveBooks(books, shardCount, tx);
    countTold(books);
    // Words and reminders open no payout.
    const outgoing = outgoingOf(books, { shardCount, hasPayouts: false });
    return { outgoing, rejected: reminders.rejected, pending: await this.isPending(shard, tx) };
  }
}
