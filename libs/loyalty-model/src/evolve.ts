import { ProblemError } from '#libs/kernel';
import { decay } from './arithmetic.js';
import type { Days } from './model-event.js';
import { DEFAULT_RULESET, type Ruleset } from './parameters.js';
import type { LoyaltyState } from './state.js';

/** A customer of whom nothing is known. */
export function emptyState(rules: Ruleset = DEFAULT_RULESET): LoyaltyState {
  return {
    ruleset: rules.ruleset,
    asOf: null,
    since: null,
    last: null,
    satisfaction: 0,
    hype: 0,
    warmth: 0,
    referrals: 0,
    staffEngagement: rules.relationship.staffUnknown,
    expectedLateness: {},
    ties: {},
    debts: [],
    notices: [],
    purchases: [],
    voices: [],
    contacts: [],
    gestures: [],
    apologies: [],
    paradoxAt: null,
    settledPromises: 0,
  };
}

/**
 * The same customer at a later time, nothing having happened in between. A semigroup: going there in many steps or in one
 * is the same, so it may be done on every read and need never be stored.
 * @throws ProblemError LOYALTY_TIME_WENT_BACK when `at` lies before the state.
 */
export function evolveTo(state: LoyaltyState, at: Days, rules: Ruleset = DEFAULT_RULESET): LoyaltyState {
  if (state.asOf === null || state.asOf === at) return { ...state, asOf: at };
  const elapsed = at - state.asOf;
  if (!(elapsed > 0)) {
    throw new ProblemError({
      code: 'LOYALTY_TIME_WENT_BACK',
      detail: `the state stands at day ${state.asOf}, which is after day ${at}`,
      advice: 'restore a snapshot from before the late event and fold its history again',
    });
  }
  return {
    ...state,
    asOf: at,
    satisfaction: state.satisfaction * decay(elapsed, rules.experience.halfLifeDays),
    hype: state.hype * decay(elapsed, rules.expectation.hypeHalfLifeDays),
    warmth: state.warmth * decay(elapsed, rules.relationship.warmthHalfLifeDays),
    referrals: state.referrals * decay(elapsed, rules.behaviour.referralHalfLifeDays),
  };
}

/** The time of a state; a state without time reads as day 0. */
export function timeOf(state: LoyaltyState): Days {
  return state.asOf ?? 0;
}

/** Adds `now` to remembered times and forgets what no rule looks at any more. */
export function remember(times: readonly Days[], now: Days, windowDays: number): Days[] {
  return [...times.filter((time) => now - time <= windowDays), now];
}
