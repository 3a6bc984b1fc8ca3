import { clamp, countSince, decay, sum } from './arithmetic.js';
import { withDebt } from './debts.js';
import { remember } from './evolve.js';
import type { EventOf } from './model-event.js';
import type { Ruleset } from './parameters.js';
import type { Debt, LoyaltyState } from './state.js';

/** What each side of a recovery adds to its quality. */
export interface RecoveryParts {
  readonly compensation: number;
  readonly apology: number;
  readonly explanation: number;
  readonly speed: number;
  readonly initiative: number;
}

export interface RecoveryOutcome {
  readonly state: LoyaltyState;
  /** 0..1. */
  readonly quality: number;
  readonly parts: RecoveryParts;
  /** The attempt was so poor that it made things worse. */
  readonly doubleDeviation: boolean;
  readonly paradox: boolean;
}

/** Worth (0..1) of a compensation that is `ratio` times the loss; best at one and a half times, less beyond. */
export function adequacy(ratio: number, rules: Ruleset): number {
  const { full, exponent, rise, peakAt, fall, floor } = rules.recovery.adequacy;
  if (ratio <= 0) return 0;
  if (ratio <= 1) return full * ratio ** exponent;
  if (ratio <= peakAt) return full + rise * (ratio - 1);
  return Math.max(floor, full + rise * (peakAt - 1) - fall * (ratio - peakAt));
}

/** Quality of a recovery of `debt`, with its parts; repeated apologies fade and at last do harm. */
export function recoveryQuality(
  state: LoyaltyState,
  debt: Debt,
  event: EventOf<'recovery.done'>,
  rules: Ruleset,
): { quality: number; parts: RecoveryParts } {
  const { weights, apologies, apologyFade, apologyWindowDays, mismatched, delayedPayment } = rules.recovery;
  const given = event.compensation ?? 0;
  const ratio = event.loss ? given / event.loss : given ? 1 : 0;
  const earlierApologies = countSince(state.apologies, event.at, apologyWindowDays);
  const fade = apologyFade[Math.min(earlierApologies, apologyFade.length - 1)] ?? 0;
  const hours = Math.max(0, (event.at - debt.dueAt) * 24);
  const parts = {
    compensation:
      weights.compensation *
      adequacy(ratio, rules) *
      ((event.match ?? true) ? 1 : mismatched) *
      ((event.immediate ?? true) ? 1 : delayedPayment),
    apology: weights.apology * apologies[event.apology ?? 'none'] * fade,
    explanation: event.explanation ? weights.explanation : 0,
    speed: weights.speed * decay(hours, rules.recovery.speedHalfLifeHours),
    initiative: event.initiated === 'company' ? weights.initiative : 0,
  };
  return { quality: clamp(sum(Object.values(parts)), 0, 1), parts };
}

/** A recovery attempt; null when the promise is not known as broken (nothing to make good for). */
export function recover(state: LoyaltyState, event: EventOf<'recovery.done'>, rules: Ruleset): RecoveryOutcome | null {
  const debt = state.debts.find((each) => each.promiseId === event.promiseId);
  if (!debt) return null;
  const { quality, parts } = recoveryQuality(state, debt, event, rules);
  const apologised = (event.apology ?? 'none') !== 'none';
  const after = apologised
    ? { ...state, apologies: remember(state.apologies, event.at, rules.recovery.apologyWindowDays) }
    : state;
  if (quality < rules.recovery.failsBelow) {
    return { state: fail(after, debt), quality, parts, doubleDeviation: true, paradox: false };
  }
  const healed = withDebt(after, { ...debt, bestRecovery: Math.max(debt.bestRecovery, quality) });
  if (!earnsParadox(state, debt, quality, event.at, rules)) {
    return { state: healed, quality, parts, doubleDeviation: false, paradox: false };
  }
  const satisfaction = healed.satisfaction + rules.recovery.paradox.satisfaction;
  const delighted = { ...healed, satisfaction, paradoxAt: event.at };
  return { state: delighted, quality, parts, doubleDeviation: false, paradox: true };
}

/** Nobody made good in time. Null when the promise is not known as broken. */
export function missRecovery(state: LoyaltyState, promiseId: string): LoyaltyState | null {
  const debt = state.debts.find((each) => each.promiseId === promiseId);
  return debt ? fail(state, debt) : null;
}

function fail(state: LoyaltyState, debt: Debt): LoyaltyState {
  return withDebt(state, { ...debt, failedRecoveries: debt.failedRecoveries + 1 });
}

/** Once in a long while, after one small failure healed excellently at the first attempt, the customer is happier than before. */
function earnsParadox(state: LoyaltyState, debt: Debt, quality: number, at: number, rules: Ruleset): boolean {
  const { fromQuality, latenessAtMost, windowDays } = rules.recovery.paradox;
  if (quality < fromQuality || debt.failedRecoveries > 0 || debt.lateness > latenessAtMost) return false;
  if (state.paradoxAt !== null && at - state.paradoxAt <= windowDays) return false;
  return !state.debts.some((other) => {
    const daysBefore = debt.dueAt - other.dueAt;
    return other.promiseId !== debt.promiseId && other.base > 0 && daysBefore >= 0 && daysBefore <= windowDays;
  });
}
