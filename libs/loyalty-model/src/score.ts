import { componentsOf, type Components } from './components.js';
import { evolveTo } from './evolve.js';
import { fold } from './fold.js';
import { nextGesture, type NextGesture } from './gesture.js';
import type { Days, ModelEvent } from './model-event.js';
import { DEFAULT_RULESET, type Ruleset } from './parameters.js';
import type { LoyaltyState } from './state.js';
import { churnRiskOf, segmentOf, tierOf, type Segment, type Tier } from './tiers.js';

/** Everything the model says of a customer at a time. */
export interface Reading {
  readonly ruleset: string;
  readonly asOf: Days;
  readonly score: number;
  readonly components: Components;
  readonly tier: Tier;
  readonly segment: Segment;
  /** 0..1. */
  readonly churnRisk: number;
  readonly gesture: NextGesture;
  /** Settled promises, orders and voices the score rests on: 0 is a guess, the prior. */
  readonly evidence: number;
}

/** Reads a stored state at a time (not before the state's own); `held` is the tier so far. */
export function readingOf(
  state: LoyaltyState,
  asOf: Days,
  held: Tier | null = null,
  rules: Ruleset = DEFAULT_RULESET,
): Reading {
  const now = evolveTo(state, asOf, rules);
  const components = componentsOf(now, rules);
  const orders = now.purchases.filter((purchase) => !purchase.refunded).length;
  return {
    ruleset: rules.ruleset,
    asOf,
    score: components.score,
    components,
    tier: tierOf(components.score, held, rules),
    segment: segmentOf(components, rules),
    churnRisk: churnRiskOf(components, rules),
    gesture: nextGesture(now, components, rules),
    evidence: now.settledPromises + orders + now.voices.length,
  };
}

/** The definition of the score: sort and dedupe the events known at `asOf`, fold them, read. */
export function score(events: Iterable<ModelEvent>, asOf: Days, rules: Ruleset = DEFAULT_RULESET): Reading {
  return readingOf(fold(events, asOf, rules), asOf, null, rules);
}
