import type { PromiseEventData } from '#libs/contracts';
import { parseInstant } from '#libs/kernel';
import type { Sql } from '#libs/persistence';
import type { PromiseUnderTerms } from '../promise-log/judged-promise.js';
import { NO_RECORD } from '../promise-log/open-room.js';
import type { GuaranteeTerms } from '../terms/guarantee-terms.js';

const LOAD_VERDICTS = `select verdict from entitlement where promise_id = any($1::uuid[]) and verdict is not null`;

/** Verdicts and terms of promises that are to be judged anew, before their locks: only for which words may be needed. */
export async function termsOfPromises(
  promiseIds: readonly string[],
  terms: GuaranteeTerms,
  tx: Sql,
): Promise<PromiseUnderTerms[]> {
  if (promiseIds.length === 0) return [];
  const rows = await tx.query<{ verdict: string }>(LOAD_VERDICTS, [promiseIds]);
  const under: PromiseUnderTerms[] = [];
  for (const { verdict } of rows) {
    const data = JSON.parse(verdict) as PromiseEventData;
    const guarantee = await terms.find(data.guarantee, data.guaranteeVersion, tx);
    const decidedAtMs = parseInstant(data.decidedAt) ?? 0;
    under.push({ guarantee, promise: { record: NO_RECORD, type: 'makegood.promise.breached', data, decidedAtMs } });
  }
  return under;
}
