import { clamp, countSince, decay, sum } from './arithmetic.js';
import { referenceLateness } from './experience.js';
import type { Days, EventOf } from './model-event.js';
import type { Ruleset } from './parameters.js';
import type { Debt, LoyaltyState, Notice } from './state.js';

export type BreachStage =
  | 'lateness'
  | 'loss_asymmetry'
  | 'importance'
  | 'never_done'
  | 'warned_in_advance'
  | 'second_promise_missed'
  | 'repeat';

/** How the hurt of a breach builds up, in units of debt; the stages sum to the debt's base. */
export type BreachStages = readonly { readonly stage: BreachStage; readonly amount: number }[];

/** What a recovery (or failed attempts at one) leaves of a debt: below 1 healed, above 1 made worse. */
export function leftByRecovery(debt: Debt, rules: Ruleset): number {
  const { doubleDeviation, doubleDeviationsCounted, healsAtMost, healsAtMostAfterFailure } = rules.recovery;
  const failures = Math.min(debt.failedRecoveries, doubleDeviationsCounted);
  const healsUpTo = failures > 0 ? healsAtMostAfterFailure : healsAtMost;
  return doubleDeviation ** failures * (1 - healsUpTo * debt.bestRecovery);
}

/** What is left of a debt at a time: healed by recovery and kept promises, faded by half in each half-life. */
export function remainingDebt(debt: Debt, at: Days, rules: Ruleset): number {
  return debt.base * debt.unhealed * leftByRecovery(debt, rules) * decay(at - debt.dueAt, rules.debt.halfLifeDays);
}

export function totalDebt(state: LoyaltyState, at: Days, rules: Ruleset): number {
  return sum(state.debts.map((debt) => remainingDebt(debt, at, rules)));
}

/** The trust gate H = exp(−Σ debts), 0..1: it can be lost, and regained up to 1, but kept promises never lift it above. */
export function trustOf(state: LoyaltyState, at: Days, rules: Ruleset): number {
  return Math.exp(-totalDebt(state, at, rules));
}

/** Base of a debt and the stages by which it came about. */
export function hurtOf(
  debt: Pick<Debt, 'lateness' | 'reference' | 'importance' | 'warningLead' | 'repeat' | 'secondPromiseMissed'>,
  neverDone: boolean,
  rules: Ruleset,
): { base: number; stages: BreachStages } {
  const { furthestTolerances, toleranceZone, curvature, lossAversion } = rules.feeling;
  const expectedShare = rules.debt.expectedBreachShare * Math.min(debt.lateness, furthestTolerances);
  const surprise = Math.max(clamp(debt.lateness - debt.reference, 0, furthestTolerances), expectedShare);
  if (surprise <= toleranceZone) return { base: 0, stages: [] };

  const factors: [BreachStage, number][] = [
    ['loss_asymmetry', lossAversion],
    ['importance', debt.importance],
    ['never_done', neverDone ? rules.debt.neverDone : 1],
    debt.secondPromiseMissed
      ? ['second_promise_missed', rules.debt.secondPromiseMissed]
      : ['warned_in_advance', 1 - rules.debt.warningCredit * debt.warningLead],
    ['repeat', debt.repeat],
  ];
  let base = rules.debt.hurt * surprise ** curvature;
  const stages: { stage: BreachStage; amount: number }[] = [{ stage: 'lateness', amount: base }];
  for (const [stage, factor] of factors) {
    if (factor === 1) continue;
    stages.push({ stage, amount: base * (factor - 1) });
    base *= factor;
  }
  return { base, stages };
}

/** Opens the debt of a broken promise, or replaces what was assumed of it (the timer) by what is known (the outcome). */
export function breakPromise(
  state: LoyaltyState,
  event: EventOf<'promise.breached'> | EventOf<'promise.settled'>,
  lateness: number,
  rules: Ruleset,
): { state: LoyaltyState; stages: BreachStages } {
  const known = state.debts.find((debt) => debt.promiseId === event.promiseId);
  const notice = state.notices.find((each) => each.promiseId === event.promiseId);
  const actualAt = event.type === 'promise.settled' ? event.actualAt : null;
  const newEta = notice?.newEta ?? null;
  const missedAgain = newEta !== null && actualAt !== null && actualAt > newEta;
  const neverDone = event.type === 'promise.settled' && event.actualAt === null;

  const circumstances = known ?? freshDebt(state, event, notice, rules);
  const debt = { ...circumstances, lateness, secondPromiseMissed: circumstances.secondPromiseMissed || missedAgain };
  const { base, stages } = hurtOf(debt, neverDone, rules);
  return { state: withDebt(state, { ...debt, base }), stages };
}

function freshDebt(
  state: LoyaltyState,
  event: EventOf<'promise.breached'> | EventOf<'promise.settled'>,
  notice: Notice | undefined,
  rules: Ruleset,
): Debt {
  const { dueAt } = event;
  const { kindWeights, repeatWindowDays, repeatStep, repeatMost } = rules.debt;
  // A false alarm (a debt that came to nothing) is no repetition; neither is a breach due later than this one.
  const earlierDues = state.debts.filter((debt) => debt.base > 0 && debt.dueAt <= dueAt).map((debt) => debt.dueAt);
  const earlierBreaches = countSince(earlierDues, dueAt, repeatWindowDays);
  return {
    promiseId: event.promiseId,
    dueAt,
    base: 0,
    lateness: 0,
    reference: referenceLateness(state, event.kind, rules),
    importance: kindWeights[event.kind] * (event.importance ?? 1),
    warningLead: notice ? warningLead(notice.at, event.madeAt ?? dueAt - 1, dueAt, rules) : 0,
    repeat: Math.min(repeatMost, 1 + repeatStep * earlierBreaches),
    secondPromiseMissed: false,
    unhealed: 1,
    bestRecovery: 0,
    failedRecoveries: 0,
  };
}

/** 0..1: how much of a warning's worth its timeliness earns; a promise without a span is taken as instantaneous. */
function warningLead(noticeAt: Days, madeAt: Days, dueAt: Days, rules: Ruleset): number {
  if (noticeAt >= dueAt) return 0;
  const shortest = 1e-9;
  const fullLead = Math.max(shortest, rules.debt.warningFullLeadShare * Math.max(shortest, dueAt - madeAt));
  return Math.min(1, (dueAt - noticeAt) / fullLead);
}

/** Puts a debt in the place of the one with its promise's id, or at the end. */
export function withDebt(state: LoyaltyState, debt: Debt): LoyaltyState {
  const known = state.debts.some((each) => each.promiseId === debt.promiseId);
  const debts = known
    ? state.debts.map((each) => (each.promiseId === debt.promiseId ? debt : each))
    : [...state.debts, debt];
  return { ...state, debts };
}

/** Trust grows back a little with every kept promise. */
export function healDebts(state: LoyaltyState, at: Days, rules: Ruleset): LoyaltyState {
  const owed = totalDebt(state, at, rules);
  if (owed <= 0) return state;
  const left = 1 - Math.min(rules.debt.healingShare, rules.debt.healingMost / owed);
  return { ...state, debts: state.debts.map((debt) => ({ ...debt, unhealed: debt.unhealed * left })) };
}

/** The first warning counts; a second one about the same promise changes nothing. */
export function noteDelay(state: LoyaltyState, event: EventOf<'delay.notified'>): LoyaltyState {
  if (state.notices.some((notice) => notice.promiseId === event.promiseId)) return state;
  const notice: Notice = { promiseId: event.promiseId, at: event.at, newEta: event.newEta ?? null };
  return { ...state, notices: [...state.notices, notice] };
}
