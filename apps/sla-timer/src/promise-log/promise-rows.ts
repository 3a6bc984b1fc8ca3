import type { PromiseEventData } from '#libs/contracts';
import { numberArray, textArray, type Sql } from '#libs/persistence';
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
  const texts = (pick: (record: PromiseRecord) => string | null): string =>
    textArray(rows.map(({ record }) => pick(record)));
  const numbers = (pick: (record: PromiseRecord) => number | null): string =>
    numberArray(rows.map(({ record }) => pick(record)));
  await tx.query(SAVE_PROMISES, [
    shard,
    texts((r) => r.promiseId),
    textArray(rows.map(({ subject }) => subject)),
    texts((r) => r.guarantee),
    numbers((r) => r.version),
    texts((r) => r.customer),
    texts((r) => r.state),
    texts((r) => r.verdict),
    numbers((r) => r.openedAtMs),
    numbers((r) => r.dueAtMs),
    numbers((r) => r.decidedAtMs),
    numbers((r) => r.sequence),
    texts((r) => r.build),
    textArray(rows.map(({ data }) => data?.mode ?? null)),
    texts((r) => r.owner),
    textArray(rows.map(({ timeZone }) => timeZone)),
    numbers((r) => r.completedAtMs),
    numberArray(rows.map(({ data }) => data?.latenessMs ?? null)),
    // One text of lines, as with documents: quotes inside an array would have to be escaped.
    rows.map(({ data }) => factsOf(data)).join('\n'),
  ]);
}

function factsOf(data: PromiseRow['data']): string {
  return data === null || Object.keys(data.facts).length === 0 ? '{}' : JSON.stringify(data.facts);
}
