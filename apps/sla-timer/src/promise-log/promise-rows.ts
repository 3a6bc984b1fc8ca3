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
  const column = <T>(pick: (record: PromiseRecord) => T): T[] => rows.map(({ record }) => pick(record));
  await tx.query(SAVE_PROMISES, [
    shard,
    column((r) => r.promiseId),
    rows.map(({ subject }) => subject),
    column((r) => r.guarantee),
    column((r) => r.version),
    column((r) => r.customer),
    column((r) => r.state),
    column((r) => r.verdict),
    column((r) => r.openedAtMs),
    column((r) => r.dueAtMs),
    column((r) => r.decidedAtMs),
    column((r) => r.sequence),
    column((r) => r.build),
    rows.map(({ data }) => data?.mode ?? null),
    column((r) => r.owner),
    rows.map(({ timeZone }) => timeZone),
    column((r) => r.completedAtMs),
    rows.map(({ data }) => data?.latenessMs ?? null),
    // One text of lines, as with documents: quotes inside an array would have to be escaped.
    rows.map(({ data }) => factsOf(data)).join('\n'),
  ]);
}

function factsOf(data: PromiseRow['data']): string {
  return data === null || Object.keys(data.facts).length === 0 ? '{}' : JSON.stringify(data.facts);
}
