import type { PromiseEventData } from '#libs/contracts';
import type { Sql } from '#libs/persistence';
import type { PromiseRecord } from '#libs/promise-engine';
import { SAVE_BUILDS } from './sql.js';

/** A promise as people ask for it: derived from the documents in the same transaction. */
export interface PromiseRow {
  readonly record: PromiseRecord;
  readonly subject: string;
  readonly timeZone: string | null;
  /** Of the verdict as announced last, or as it would be; null where the terms cannot tell. */
  readonly data: Pick<PromiseEventData, 'mode' | 'facts' | 'latenessMs'> | null;
}

/** @param statement ADD_PROMISES for promises that have no row yet, CHANGE_PROMISES for the others */
export async function savePromises(
  statement: string,
  shard: number,
  rows: readonly PromiseRow[],
  tx: Sql,
): Promise<void> {
  if (rows.length === 0) return;
  const each = <T>(pick: (record: PromiseRecord) => T): T[] => rows.map(({ record }) => pick(record));
  await tx.query(statement, [
    shard,
    each((r) => r.promiseId),
    rows.map(({ subject }) => subject),
    each((r) => buildKeyOf(r.build)),
    each((r) => r.customer),
    each((r) => r.state),
    each((r) => r.verdict),
    each((r) => r.openedAtMs),
    each((r) => r.dueAtMs),
    each((r) => r.decidedAtMs),
    each((r) => r.sequence),
    each((r) => r.owner),
    each((r) => r.completedAtMs),
    rows.map(({ data }) => data?.latenessMs ?? null),
    // One text of lines, as with documents: quotes inside an array would have to be escaped.
    rows.map(({ data }) => factsOf(data)).join('\n'),
  ]);
}

/** '' where there are none. */
function factsOf(data: PromiseRow['data']): string {
  return data === null || Object.keys(data.facts).length === 0 ? '' : JSON.stringify(data.facts);
}

/**
 * Writes down what the builds of some rows say: once a build, before or with the first row that names it.
 * @param known builds that lie in the database already, which spares the statement; @returns those that it wrote
 */
export async function saveBuilds(
  rows: readonly PromiseRow[],
  known: (build: string) => boolean,
  tx: Sql,
): Promise<string[]> {
  const first = new Map<string, PromiseRow>();
  for (const row of rows) if (!known(row.record.build)) first.set(row.record.build, row);
  // In one order, so that shards which do this at the same time wait for one another and not in a circle.
  const builds = [...first.keys()].sort();
  if (builds.length === 0) return builds;
  const each = <T>(pick: (row: PromiseRow) => T): T[] => builds.map((build) => pick(first.get(build) as PromiseRow));
  await tx.query(SAVE_BUILDS, [
    builds.map(buildKeyOf),
    each(({ record }) => record.guarantee),
    each(({ record }) => record.version),
    each(({ data }) => data?.mode ?? null),
    each(({ timeZone }) => timeZone),
  ]);
  return builds;
}

/** A build is 16 hexadecimal digits: the bits of a signed number of 8 bytes, in decimal digits. */
function buildKeyOf(build: string): string {
  let key = buildKeys.get(build);
  if (key === undefined) buildKeys.set(build, (key = String(BigInt.asIntN(64, BigInt(`0x${build}`)))));
  return key;
}

const buildKeys = new Map<string, string>();
