import type { Sql } from '#libs/persistence';
import { carriedFacts, tellPromise, type Decided, type SubjectState } from '#libs/promise-engine';
import { decide, fire, timeOf, type Turn } from './turn.js';
import type { Describe } from './working-set.js';

/** So many subjects are worked on at a time. */
export const SUBJECTS_PER_PAGE = 1_000;
/** So many subjects fire in one go. */
export const DUE_PER_TRANSACTION_MAX = 2_000;

/** Fires all that is pending of the shard: what comes at this place of the log is decided after it. */
export async function firePending(turn: Turn, tx: Sql): Promise<void> {
  const beforeMs = Math.max(turn.clock.shardTimeMs, ...(turn.timesMs ?? []));
  for (let isPending = true; isPending;) {
    isPending = (await turn.subjects.loadDue(turn.firedBeforeMs, beforeMs, DUE_PER_TRANSACTION_MAX, tx)) < beforeMs;
    const before = turn.latenessesMs.length;
    for (const { subject } of turn.subjects.all()) fire(turn, subject);
    await turn.subjects.save(tx, describeFor(turn));
    turn.subjects.evict();
    if (turn.latenessesMs.length === before) return; // what is left is due a little later, by the time of its own shard
  }
}

/**
 * Decides anew every subject that a query names, page by page in order of their names.
 * @param decideAnew is given the shard time for the subject.
 * @param query gives the names beyond $2 of shard $1; its last parameter is the size of a page.
 */
export async function sweep(
  turn: Turn,
  { query, params }: { readonly query: string; readonly params: readonly unknown[] },
  decideAnew: (state: SubjectState, atMs: number) => Decided,
  tx: Sql,
): Promise<void> {
  await turn.subjects.save(tx, describeFor(turn)); // the query sees the database
  for (let after = ''; ;) {
    const page = await tx.query<{ subject: string }>(query, [turn.shard, after, ...params, SUBJECTS_PER_PAGE]);
    const subjects = page.map(({ subject }) => subject);
    await turn.subjects.load(subjects, tx);
    for (const subject of subjects)
      decide(turn, subject, decideAnew(turn.subjects.get(subject), timeOf(turn, subject)));
    await turn.subjects.save(tx, describeFor(turn));
    turn.subjects.evict();
    const last = subjects.at(-1);
    if (last === undefined || subjects.length < SUBJECTS_PER_PAGE) return;
    after = last;
  }
}

/** A promise's row takes its facts from what was announced; one that keeps silent is not judged again for the row. */
export function describeFor(turn: Turn): Describe {
  return (state, record) => {
    const guarantee = turn.terms.pinned(record.guarantee, record.version, record.build);
    const timeZone = guarantee?.timeZone ?? null;
    const told = turn.verdicts.get(record.promiseId);
    if (told !== undefined || guarantee === null) return { data: told ?? null, timeZone };
    const isMissed = record.verdict === 'breached' || record.verdict === 'excused';
    if (isMissed) return { data: tellPromise(state, record.promiseId, turn.terms)?.data ?? null, timeZone };
    return { data: { mode: guarantee.mode, facts: carriedFacts(state, record, guarantee) }, timeZone };
  };
}
