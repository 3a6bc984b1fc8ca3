import { countSince } from './arithmetic.js';
import { componentsOf, type Components } from './components.js';
import { remainingDebt } from './debts.js';
import { timeOf } from './evolve.js';
import { DEFAULT_RULESET, type Ruleset } from './parameters.js';
import { lastContactOf, tenureDaysOf } from './relationship.js';
import type { LoyaltyState } from './state.js';

export type NextGesture =
  | 'call_personally'
  | 'apologise_and_compensate'
  | 'call_back_complaint'
  | 'keep_promises_first'
  | 'win_back_personal_offer'
  | 'check_in'
  | 'ask_for_referral'
  | 'introduce_new_product'
  | 'surprise'
  | 'none';

/**
 * What to do next for a customer: first repair, then keep promises, then please. The first rule that fits decides.
 * Quiet hours, consent and caps are the sender's; for `surprise` also `drawsSurprise`.
 */
export function nextGesture(
  state: LoyaltyState,
  components: Components = componentsOf(state),
  rules: Ruleset = DEFAULT_RULESET,
): NextGesture {
  const at = timeOf(state);
  const limits = rules.gestures;
  const unrepaired = state.debts.filter(
    (debt) => debt.bestRecovery === 0 && remainingDebt(debt, at, rules) > limits.debtFrom,
  );
  if (unrepaired.some((debt) => debt.failedRecoveries > 0)) return 'call_personally';
  if (unrepaired.length > 0) return 'apologise_and_compensate';
  if (state.voices.some((voice) => voice.open)) return 'call_back_complaint';
  if (components.trust < limits.noDelightBelowTrust) return 'keep_promises_first';
  if (components.behaviourParts.alive < limits.winBackBelowAlive && state.purchases.length > 1) {
    return 'win_back_personal_offer';
  }
  if (at - lastContactOf(state, at) > limits.checkInAfterDays) return 'check_in';
  if (isFreshPromoter(state, rules) && state.referrals < limits.referralsBelow) return 'ask_for_referral';
  const categories = new Set(state.purchases.map((purchase) => purchase.category));
  if (categories.size === 1 && tenureDaysOf(state, at) > limits.oneCategoryAfterDays) return 'introduce_new_product';
  const gesturesOfLate = countSince(state.gestures, at, rules.relationship.gestureWindowDays);
  return gesturesOfLate === 0 && components.score >= limits.surpriseFrom ? 'surprise' : 'none';
}

function isFreshPromoter(state: LoyaltyState, rules: Ruleset): boolean {
  const at = timeOf(state);
  const { promoterFrom, promoterForDays } = rules.gestures;
  return state.voices.some((voice) => voice.sentiment >= promoterFrom && at - voice.at <= promoterForDays);
}

/**
 * Whether a customer whose next gesture is a surprise gets one in this month: unforeseeable to them, the same on every
 * replay to us. `month` counts from any fixed month; `seed` is the tenant's own secret word.
 */
export function drawsSurprise(
  customer: string,
  month: number,
  seed: string,
  rules: Ruleset = DEFAULT_RULESET,
): boolean {
  return hashShare(JSON.stringify([seed, month, customer])) < rules.gestures.surpriseMonthShare;
}

/** FNV-1a with a final mix, as a share of 1: evenly spread, and nothing hangs on its secrecy. */
function hashShare(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
