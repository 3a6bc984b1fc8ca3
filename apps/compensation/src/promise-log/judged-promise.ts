import type { Guarantee } from '#libs/guarantees';
import type { OwedRemedy } from '#libs/remedy-engine';
import type { PromiseRecord } from './read-promise-record.js';

/** What a promise event (or a claim, or returned money, later) brings up, under the terms that it names. */
export interface PromiseUnderTerms {
  readonly promise: PromiseRecord;
  readonly guarantee: Guarantee;
}

/** The same with what it owes. */
export type JudgedPromise = PromiseUnderTerms & { readonly owed: readonly OwedRemedy[] };

/** What was sent for a miss that is none is corrected, in words. */
export function isCorrected({ guarantee }: PromiseUnderTerms): boolean {
  return guarantee.holding.afterSent === 'correct';
}
