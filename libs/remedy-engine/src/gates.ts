import type { PromiseEventData } from '#libs/contracts';
import type { Guarantee, VerdictScope } from '#libs/guarantees';
import type { InstantMs } from '#libs/kernel';
import type { ReasonCode } from './circumstances.js';
import { endOfLimitMs } from './day-limit.js';

/** Why nothing is owed, whatever the remedies say. null: the remedies decide. Exempt, then excused, then the claim. */
export function gateOf(guarantee: Guarantee, verdict: PromiseEventData, scope: VerdictScope): ReasonCode | null {
  const exemption = guarantee.remedyTerms.exempt.find(({ when }) => when.evaluate(scope));
  if (exemption !== undefined) return exemption.code;
  if (verdict.verdict === 'excused') return 'excused';
  return claimGateOf(guarantee, scope);
}

function claimGateOf(guarantee: Guarantee, scope: VerdictScope): ReasonCode | null {
  const { claim: terms } = guarantee.remedyTerms;
  if (terms === null) return null;
  const { claim } = scope;
  if (claim === null) return (terms.required?.evaluate(scope) ?? true) ? 'claim_missing' : null;
  const deadlineMs = claimDeadlineMs(guarantee, scope);
  return deadlineMs !== null && claim.atMs > deadlineMs ? 'claim_late' : null;
}

/** The last instant at which a claim may be made; null: at any time. */
export function claimDeadlineMs(guarantee: Guarantee, scope: VerdictScope): InstantMs | null {
  const { claim: terms } = guarantee.remedyTerms;
  const untilMs = terms?.until?.evaluate(scope) ?? null;
  const limit = terms?.within ?? null;
  const withinMs = limit === null ? null : endOfLimitMs(limit, guarantee.remedyTerms, scope, scope.dueAtMs);
  if (untilMs === null || withinMs === null) return untilMs ?? withinMs;
  return Math.min(untilMs, withinMs);
}
