import type { Verdict } from '#libs/contracts';
import type { Fact } from './subject-state.js';

/** Facts and decisions entered by a person: ordinary facts of this type, named promise by promise. */
export const BY_HAND_TYPE = 'makegood.fact.entered';

export type ByHand = 'kept' | 'failed' | 'cancelled' | 'excused' | 'revoked' | 'decided' | 'acknowledged';

/** What a person said of this promise, or null when the fact is none of theirs or about another promise. */
export function saidByHand(fact: Fact, promiseId: string): ByHand | null {
  if (fact.type !== BY_HAND_TYPE || fact.data['promiseId'] !== promiseId) return null;
  return fact.data['as'] as ByHand;
}

/** The verdict of a decision by hand. */
export function verdictByHand(fact: Fact): Verdict | null {
  const verdict = fact.data['verdict'];
  return verdict === 'kept' || verdict === 'breached' || verdict === 'excused' || verdict === 'cancelled'
    ? verdict
    : null;
}
