import type { Sql } from '#libs/persistence';
import type { SubjectState } from '#libs/promise-engine';
import { SAVE_ORPHANS, TRIM_ORPHANS } from './sql.js';

/** The newest so many of each shard are listed; all are counted. */
const ORPHANS_PER_SHARD_MAX = 1_000;

/** Facts whose promise never came are no poison: they are listed for whoever wonders where they went. */
export async function saveOrphans(shard: number, expired: readonly SubjectState[], tx: Sql): Promise<void> {
  if (expired.length === 0) return;
  const newest = [...new Map(expired.map((state) => [state.subject, state])).values()].slice(-ORPHANS_PER_SHARD_MAX);
  await tx.query(SAVE_ORPHANS, [
    shard,
    newest.map(({ subject }) => subject),
    newest.map(({ wakeAtMs }) => wakeAtMs ?? 0),
    newest.map(({ facts }) => facts.length),
    newest.map(({ facts }) => [...new Set(facts.map(({ type }) => type))].slice(0, 10).join(', ')),
  ]);
  await tx.query(TRIM_ORPHANS, [shard, ORPHANS_PER_SHARD_MAX]);
}
