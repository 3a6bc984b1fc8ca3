import type { Parties, PromiseEventData } from '#libs/contracts';
import type { Sql } from '#libs/persistence';
import type { CountedBreach, Entitlement, PromiseContext } from '../entitlement/entitlement.js';
import type { Line, LineClaim, LineDetails, Quiet } from '../entitlement/line.js';
import type { OwedRemedy } from '#libs/remedy-engine';
import { Books } from './books.js';
import { FIND_NEIGHBOURS, LOAD_LINES, LOCK_ENTITLEMENTS, READ_ENTITLEMENTS } from './sql.js';

type EntitlementRow = Omit<Entitlement, 'promise' | 'owed' | 'verdict' | 'counted' | 'lines'> &
  Pick<PromiseContext, 'guarantee' | 'guaranteeVersion' | 'mode' | 'subject' | 'customer'> & {
    readonly parties: string;
    readonly refs: string;
    readonly group: string | null;
    readonly owed: string;
    readonly verdict: string | null;
    readonly counted: string | null;
  };

export type LineRow = Omit<Line, 'details' | 'quiet' | 'claim'> & {
  readonly promiseId: string;
  readonly details: string;
  readonly quiet: string | null;
  readonly claim: string | null;
};

/** What a transaction is about. */
export interface Wanted {
  readonly promiseIds: readonly string[];
  /** Of which promises may be judged anew. */
  readonly subjects: readonly string[];
  /** Of which promises one alone may grant what is granted once. */
  readonly groups?: readonly string[];
  /** Days for which an apology may be issued now. */
  readonly apologyDays: readonly string[];
}

/**
 * Locks and reads the entitlements of these promises, of others about the same subjects (they may give back the same
 * base), and of those whose apologies could be told in place of theirs.
 */
export function loadBooks(wanted: Wanted, tx: Sql): Promise<Books> {
  return readBooks(wanted, LOCK_ENTITLEMENTS, tx);
}

/** The same for somebody who only looks: nothing is locked, nothing may be written by it. */
export function lookAtBooks(wanted: Wanted, tx: Sql): Promise<Books> {
  return readBooks(wanted, READ_ENTITLEMENTS, tx);
}

async function readBooks(
  { promiseIds, subjects, groups = [], apologyDays }: Wanted,
  statement: string,
  tx: Sql,
): Promise<Books> {
  if (promiseIds.length === 0) return new Books(new Map());
  const neighbours = await tx.query<{ promiseId: string }>(FIND_NEIGHBOURS, [
    promiseIds,
    apologyDays,
    subjects,
    groups,
  ]);
  const wanted = [...new Set([...promiseIds, ...neighbours.map(({ promiseId }) => promiseId)])];
  const rows = await tx.query<EntitlementRow>(statement, [wanted]);
  if (rows.length === 0) return new Books(new Map());
  const lines = await tx.query<LineRow>(LOAD_LINES, [rows.map(({ promiseId }) => promiseId)]);
  const linesOf = Map.groupBy(lines, ({ promiseId }) => promiseId);
  return new Books(new Map(rows.map((row) => [row.promiseId, entitlementOf(row, linesOf.get(row.promiseId) ?? [])])));
}

export function lineOf({ promiseId: _, details, quiet, claim, ...row }: LineRow): Line {
  return {
    ...row,
    quiet: quiet === null ? null : (JSON.parse(quiet) as Quiet),
    claim: claim === null ? null : (JSON.parse(claim) as LineClaim),
    details: JSON.parse(details) as LineDetails,
  };
}

function entitlementOf(row: EntitlementRow, lines: readonly LineRow[]): Entitlement {
  const { promiseId, breachId, compensationId, sequence, contentHash } = row;
  const promise: PromiseContext = {
    guarantee: row.guarantee,
    guaranteeVersion: row.guaranteeVersion,
    mode: row.mode,
    subject: row.subject,
    customer: row.customer,
    parties: JSON.parse(row.parties) as Parties,
    refs: JSON.parse(row.refs) as Record<string, string>,
    ...(row.group === null ? {} : { group: row.group }),
  };
  return {
    promiseId,
    breachId,
    compensationId,
    promise,
    sequence,
    contentHash,
    verdict: row.verdict === null ? null : (JSON.parse(row.verdict) as PromiseEventData),
    owed: JSON.parse(row.owed) as OwedRemedy[],
    counted: row.counted === null ? null : (JSON.parse(row.counted) as CountedBreach),
    lines: lines.map(lineOf),
  };
}
