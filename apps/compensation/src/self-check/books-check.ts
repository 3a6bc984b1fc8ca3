import { EvaluationError } from '#libs/guarantees';
import type { Database, Sql } from '#libs/persistence';
import type { OwedRemedy } from '#libs/remedy-engine';
import { AS_OF_ONE_MOMENT, type CheckedPage, type Finding, type SelfCheck } from '#libs/service';
import { lookAtBooks } from '../books/load-books.js';
import type { Books } from '../books/books.js';
import { CircumstancesBook } from '../circumstances/circumstances.js';
import type { Entitlement } from '../entitlement/entitlement.js';
import { named, owedNow } from '../promise-log/owed-now.js';
import type { GuaranteeTerms } from '../terms/guarantee-terms.js';
import { disagreementsAbout } from '../ledger/self-check.js';

const PAGE = `
select promise_id as "promiseId", shard, group_name as "group" from entitlement
where promise_id > $1 order by promise_id limit $2`;
const FIRST = '00000000-0000-0000-0000-000000000000';

/**
 * Entitlements recomputed from verdicts, in the circumstances of now; lines compared with entitlements, and balances with
 * entries, of the same promises. A cursor is the last promise id of the page before.
 */
export class BooksCheck implements SelfCheck {
  constructor(
    private readonly database: Database,
    private readonly terms: GuaranteeTerms,
  ) {}

  page(cursor: string, limit: number, isMine: (shard: number) => boolean): Promise<CheckedPage> {
    return this.database.transaction(async (tx) => {
      await tx.query(AS_OF_ONE_MOMENT);
      const rows = await tx.query<{ promiseId: string; shard: number; group: string | null }>(PAGE, [
        cursor === '' ? FIRST : cursor,
        limit,
      ]);
      const mine = rows.filter(({ shard }) => isMine(shard));
      const promiseIds = mine.map(({ promiseId }) => promiseId);
      const groups = [...new Set(mine.flatMap(({ group }) => (group === null ? [] : [group])))];
      const findings = [
        ...(await this.entitlements(promiseIds, groups, tx)),
        ...(await disagreementsAbout(promiseIds, tx)),
      ];
      const next = rows.length === limit ? (rows.at(-1)?.promiseId ?? null) : null;
      return { checked: mine.length, findings, next };
    });
  }

  private async entitlements(promiseIds: readonly string[], groups: readonly string[], tx: Sql): Promise<Finding[]> {
    if (promiseIds.length === 0) return [];
    const books = await lookAtBooks({ promiseIds, subjects: [], groups, apologyDays: [] }, tx);
    const circumstances = await CircumstancesBook.read(books.all().map(named), tx);
    const findings: Finding[] = [];
    for (const promiseId of promiseIds) {
      const entitlement = books.find(promiseId);
      // Learned from our own output after a restore: its verdict has not been read again yet.
      if (entitlement === null || entitlement.verdict === null || entitlement.contentHash === null) continue;
      const expected = await this.expected(entitlement, books, circumstances, tx);
      if (expected === null) continue;
      const [found, wanted] = [textOf(entitlement.owed), textOf(expected)];
      if (found === wanted) continue;
      const lookAt = `./makegood explain ${promiseId}`;
      findings.push({ check: 'entitlement-from-verdict', id: promiseId, found, expected: wanted, lookAt });
    }
    return findings;
  }

  /** null: it cannot be computed; then its verdict waits behind a dead letter. */
  private async expected(
    entitlement: Entitlement,
    books: Books,
    circumstances: CircumstancesBook,
    tx: Sql,
  ): Promise<readonly OwedRemedy[] | null> {
    const { promise, verdict } = entitlement;
    const guarantee = await this.terms.find(promise.guarantee, promise.guaranteeVersion, tx);
    try {
      return owedNow(entitlement, { guarantee, data: verdict! }, books, circumstances).lines;
    } catch (error) {
      if (error instanceof EvaluationError) return null;
      throw error;
    }
  }
}

/** What is owed, without its words: an upgrade may put those otherwise. */
function textOf(owed: readonly OwedRemedy[]): string {
  if (owed.length === 0) return 'nothing owed';
  return owed
    .map(({ remedyId, kind, currency, amountMinor }) => `${remedyId}: ${kind} ${amountMinor} ${currency ?? ''}`.trim())
    .join('; ');
}
