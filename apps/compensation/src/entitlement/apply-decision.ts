import type { InstantMs, Money, Problem } from '#libs/kernel';
import { isApologyTold } from './apology-days.js';
import { Draft } from './draft.js';
import type { Entitlement } from './entitlement.js';
import { isLetGo, withApproval, type Hold } from './hold.js';
import { ask } from './issue-line.js';
import type { Line } from './line.js';
import { decisionOf, type Decision } from './settle-entitlement.js';
import { moneyOf } from './take-back.js';
import { problemOfClaim, takeUp } from './unclaimed.js';

/** A person's word about a line that is held, or one that is unclaimed. */
export interface LineDecision {
  readonly lineId: string;
  readonly verb: 'approve' | 'reject' | 'claim';
  /** claim: who is to be paid, by their reference. */
  readonly payee?: string;
  /** What the person saw; null: no amount (words), or one of many decided at once. */
  readonly amount: Money | null;
  /** The key of the person. */
  readonly by: string;
  readonly reason: string | null;
  readonly atMs: InstantMs;
  /** `breaker`: ends only that hold, for many lines at once. */
  readonly of: 'line' | 'breaker';
}

export type DecisionOutcome =
  { readonly kind: 'applied'; readonly decision: Decision } | { readonly kind: 'refused'; readonly problem: Problem };

export interface DecisionCircumstances {
  /** Keys of those who configured or asked for what is decided: never one's own. */
  readonly involved: ReadonlySet<string>;
  /** All apologies of the line's day, of whichever promise. */
  readonly apologiesOfDay: readonly Line[];
}

/** Decides about a line. What was decided before, or about a line that has changed since, is refused. */
export function applyDecision(
  entitlement: Entitlement,
  input: LineDecision,
  circumstances: DecisionCircumstances,
): DecisionOutcome {
  const line = entitlement.lines.find(({ lineId }) => lineId === input.lineId);
  if (!line) throw new Error(`line ${input.lineId} is not of this promise`);
  const problem = input.verb === 'claim' ? problemOfClaim(line, input) : problemOf(line, input, circumstances);
  if (problem) return { kind: 'refused', problem };
  const draft = new Draft(entitlement.lines, input.atMs);
  if (input.verb === 'claim') takeUp(draft, line.lineId, 'claimed', input.payee ?? line.beneficiary);
  else if (input.verb === 'reject') reject(draft, line, input);
  else approve(draft, line, input, circumstances);
  return { kind: 'applied', decision: decisionOf(draft) };
}

function problemOf(line: Line, input: LineDecision, { involved }: DecisionCircumstances): Problem | null {
  const name = `line ${line.lineId}`;
  if (line.state !== 'held' || line.hold === null) {
    const advice = 'look at it again: GET /compensations/{id}';
    return { code: 'LINE_CHANGED', detail: `${name} is not held: it is ${line.state}`, advice };
  }
  if (input.verb === 'approve' && isLetGo(line.hold)) return null;
  if (input.of === 'breaker') {
    if (line.hold.reasons.includes('breaker')) return null;
    return { code: 'LINE_CHANGED', detail: `${name} is not held by the breaker (any more)` };
  }
  const seen = input.amount;
  if (line.currency !== null && (seen?.amountMinor !== line.amountMinor || seen.currency !== line.currency)) {
    const found = seen === null ? 'none' : `${seen.amountMinor} ${seen.currency}`;
    const detail = `${name} is over ${line.amountMinor} ${line.currency} (minor units), the decision names ${found}`;
    return { code: 'LINE_CHANGED', detail, advice: 'decide about the amount as it is now' };
  }
  if (input.verb === 'reject') return null;
  if (involved.has(input.by)) {
    const advice = 'someone else with a key of role approver decides';
    return { code: 'APPROVAL_OF_ONES_OWN', detail: `${name}: ${input.by} configured or asked for it`, advice };
  }
  if (line.hold.approvals.some(({ by, of }) => by === input.by && of !== 'breaker')) {
    const advice = 'a second person approves with a key of their own';
    return { code: 'APPROVED_BEFORE', detail: `${name} has the approval of ${input.by} already`, advice };
  }
  return null;
}

function approve(draft: Draft, line: Line, input: LineDecision, { apologiesOfDay }: DecisionCircumstances): void {
  if (isLetGo(line.hold as Hold)) return askApproved(draft, line, apologiesOfDay);
  const { by, reason, atMs, of } = input;
  const hold = withApproval(line.hold as Hold, { by, reason, atMs, ...(of === 'breaker' ? { of } : {}) });
  draft.change(line.lineId, { hold });
  const why = reason ?? (input.of === 'breaker' ? 'breaker-released' : undefined);
  draft.notify(line.lineId, 'approved', {
    by,
    ...(why === undefined ? {} : { reason: why }),
    ...(of === 'breaker' ? { of } : {}),
    ...moneyOf(line, line.amountMinor),
  });
  if (isLetGo(hold)) askApproved(draft, line, apologiesOfDay);
}

function askApproved(draft: Draft, line: Line, apologiesOfDay: readonly Line[]): void {
  if (line.apologyDay !== null && isApologyTold(apologiesOfDay)) draft.change(line.lineId, { state: 'merged' });
  else ask(draft, line.lineId);
}

function reject(draft: Draft, line: Line, { by, reason }: LineDecision): void {
  draft.change(line.lineId, { state: 'rejected' });
  draft.notify(line.lineId, 'rejected', {
    by,
    ...(reason === null ? {} : { reason }),
    ...moneyOf(line, line.amountMinor),
  });
}
