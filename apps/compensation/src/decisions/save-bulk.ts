import type { Sql } from '#libs/persistence';
import type { MoneyItem } from '../settlements/read-money-record.js';
import { SAVE_AUTHORS, SAVE_BULK } from './sql.js';

/** Remembers commands about many lines, to be applied bit by bit, and who activated which terms. */
export async function saveBulk(shard: number, items: readonly MoneyItem[], tx: Sql): Promise<void> {
  for (const item of items) {
    if (item.kind === 'bulk') {
      const { eventId, verb, guarantee, region, fromMs, toMs, by, reason, atMs } = item.bulk;
      await tx.query(SAVE_BULK, [shard, eventId, verb, guarantee, region, fromMs, toMs, by, reason, atMs]);
    } else if (item.kind === 'authors') {
      const { files, actor } = item;
      const names = files.map(({ name }) => name);
      await tx.query(SAVE_AUTHORS, [names, files.map(({ version }) => version), files.map(() => actor)]);
    }
  }
}
