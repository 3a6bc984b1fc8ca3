import { clamp } from './arithmetic.js';
import type { EventOf, PromiseKind } from './model-event.js';
import type { Ruleset } from './parameters.js';
import type { LoyaltyState } from './state.js';

/** Prospect value of a surprise of `z` tolerances (positive: better than expected). */
export function feltValue(z: number, rules: Ruleset): number {
  const { lossAversion, curvature, furthestTolerances, toleranceZone } = rules.feeling;
  const felt = clamp(z, -furthestTolerances, furthestTolerances);
  if (Math.abs(felt) <= toleranceZone) return 0;
  return felt > 0 ? felt ** curvature : -lossAversion * (-felt) ** curvature;
}

/**
 * The lateness (tolerances) the customer reckons with for a kind of promise: above 0 when they learned to expect delay,
 * below when advertising raised their hopes.
 */
export function referenceLateness(state: LoyaltyState, kind: PromiseKind, rules: Ruleset): number {
  const { promiseAnchor, earliestTolerances, latestTolerances } = rules.expectation;
  const learned = clamp(state.expectedLateness[kind] ?? 0, earliestTolerances, latestTolerances);
  return (1 - promiseAnchor) * learned - state.hype;
}

/** Takes a settled promise into the expectation for its kind (moving average). */
export function learnLateness(state: LoyaltyState, kind: PromiseKind, lateness: number, rules: Ruleset): LoyaltyState {
  const { learningRate } = rules.expectation;
  const learned = (1 - learningRate) * (state.expectedLateness[kind] ?? 0) + learningRate * lateness;
  return { ...state, expectedLateness: { ...state.expectedLateness, [kind]: learned } };
}

/** A kept promise pleases only by being earlier than expected; on time, as promised, gives nothing (hygiene). */
export function enjoyKeptPromise(
  state: LoyaltyState,
  event: EventOf<'promise.settled'>,
  lateness: number,
  rules: Ruleset,
): LoyaltyState {
  const surprise = Math.min(referenceLateness(state, event.kind, rules), 0) - lateness;
  const { gain, endOfEpisode } = rules.experience;
  const felt = gain * feltValue(surprise, rules) * (event.end ? endOfEpisode : 1);
  return { ...state, satisfaction: state.satisfaction + felt };
}

/** Advertising raises hopes, up to a limit. */
export function raiseHopes(state: LoyaltyState, intensity: number, rules: Ruleset): LoyaltyState {
  return { ...state, hype: Math.min(rules.expectation.hypeMost, state.hype + intensity) };
}

/** Component X, 0..1; ½ is neutral. */
export function experienceOf(state: LoyaltyState): number {
  return 0.5 + 0.5 * Math.tanh(state.satisfaction);
}
