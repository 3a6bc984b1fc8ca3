import { componentsOf } from './components.js';
import { remainingDebt, withDebt } from './debts.js';
import { timeOf } from './evolve.js';
import { DEFAULT_RULESET, type Ruleset } from './parameters.js';
import type { LoyaltyState } from './state.js';

export interface WayBack {
  readonly promiseId: string;
  /** Points that a good recovery of this one promise would bring back now. */
  readonly points: number;
}

/** What could still be made good: each open debt with the points that a good recovery would return, most first. */
export function wayBack(state: LoyaltyState, rules: Ruleset = DEFAULT_RULESET): WayBack[] {
  const at = timeOf(state);
  const { recoveryQuality } = rules.wayBack;
  const now = componentsOf(state, rules).score;
  return state.debts
    .filter((debt) => debt.bestRecovery < recoveryQuality)
    .filter((debt) => remainingDebt(debt, at, rules) > rules.gestures.debtFrom)
    .map((debt) => {
      const healed = withDebt(state, { ...debt, bestRecovery: recoveryQuality });
      return { promiseId: debt.promiseId, points: componentsOf(healed, rules).score - now };
    })
    .sort((a, b) => b.points - a.points);
}
