import { EvaluationError, type Guarantee } from '#libs/guarantees';
import type { Sql } from '#libs/persistence';
import { owed, type OwedRemedy } from '#libs/remedy-engine';
import type { Rejected } from '#libs/shard-log';
import { WORD_KINDS } from '../entitlement/line.js';
import type { GuaranteeTerms } from '../terms/guarantee-terms.js';
import type { PromiseRecord } from './read-promise-record.js';

/** A promise event with what it owes under the terms that it names. */
export interface JudgedPromise {
  readonly promise: PromiseRecord;
  readonly owed: readonly OwedRemedy[];
  /** null: nothing is owed, the terms were not needed. */
  readonly guarantee: Guarantee | null;
}

const ANONYMOUS = 'anonymous:';

/** @throws ProblemError GUARANTEE_NOT_YET_KNOWN (retryable) */
export async function judgeOwed(
  promise: PromiseRecord,
  terms: GuaranteeTerms,
  sql: Sql,
): Promise<JudgedPromise | Rejected> {
  const { data, record } = promise;
  if (data.verdict !== 'breached') return { promise, owed: [], guarantee: null };
  const guarantee = await terms.find(data.guarantee, data.guaranteeVersion, sql);
  try {
    const { lines: remedies } = owed(guarantee, data, { claim: null, returned: {} });
    const hasAddressee = !data.customer.startsWith(ANONYMOUS);
    const spoken = hasAddressee ? remedies : remedies.filter(({ kind }) => !WORD_KINDS.includes(kind));
    return { promise, owed: spoken, guarantee };
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    const place = `${guarantee.file}:${error.place.line}:${error.place.column}`;
    return { record, reason: 'REMEDY_NOT_COMPUTABLE', detail: `${place} ${error.message}` };
  }
}
