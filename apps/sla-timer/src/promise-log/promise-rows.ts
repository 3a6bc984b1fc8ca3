import type { PromiseEventData } from '#libs/contracts';
import type { Sql } from '#libs/persistence';
import type { PromiseRecord } from '#libs/promise-engine';
import { SAVE_PROMISES } from './sql.js';

/** A promise as people ask for it: derived from the documents in the same transaction. */
export interface PromiseRow {
  readonly record: PromiseRecord;
  readonly subject: string;
  readonly timeZone: string | null;
  /** Of the verdict as announced last, or as it would be; null where the terms cannot tell. */
  readonly data: Pick<PromiseEventData, 'mode' | 'facts' | 'latenessMs'> | null;
}

export async function savePromises(shard: number, rows: readonly PromiseRow[], tx: Sql): Promise<void> {
  if (rows.length === 0) return;
  const each = <T>(pick: (record: PromiseRecord) => T): T[] => rows.map(({ record }) => pick(record));
  await tx.query(SAVE_PROMISES, [
    shard,
    each((r) => r.promiseId),
    rows.map(({ subject }) => subject),
    each((r) => r.guarantee),
    each((r) => r.version),
    each((r) => r.customer),
    each((r) => r.state),
    each((r) => r.verdict),
    each((r) => r.openedAtMs),
    each((r) => r.dueAtMs),
    each((r) => r.decidedAtMs),
    each((r) => r.sequence),
    each((r) => r.build),
    rows.map(({ data }) => data?.mode ?? null),
    each((r) => r.owner),
    rows.map(({ timeZone }) => timeZone),
    each((r) => r.completedAtMs),
    rows.map(({ data }) => data?.latenessMs ?? null),
    // One text of lines, as with documents: quotes inside an array would have to be escaped.
    rows.map(({ data }) => factsOf(data)).join('\n'),
  ]);
}

function factsOf(data: PromiseRow['data']): string {
  return data === null || Object.keys(data.facts).length === 0 ? '{}' : JSON.stringify(data.facts);
}
