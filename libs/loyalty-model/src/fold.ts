import { componentsOf } from './components.js';
import { emptyState, evolveTo } from './evolve.js';
import { contributions, type Contributions } from './explanation.js';
import { inOrder, type Days, type ModelEvent, type ModelEventType } from './model-event.js';
import { DEFAULT_RULESET, type Ruleset } from './parameters.js';
import type { RecoveryParts } from './recovery.js';
import type { LoyaltyState } from './state.js';
import { takeIn } from './transition.js';

/** Why the score moved at one event: first by time alone, then by the event. */
export interface Step {
  readonly id: string;
  readonly type: ModelEventType;
  readonly at: Days;
  /** Points since the event before, by cause. */
  readonly byTime: Contributions;
  /** Points of the event itself, by cause; they sum to `delta`. */
  readonly byEvent: Contributions;
  readonly before: number;
  readonly after: number;
  readonly delta: number;
  readonly recovery?: { readonly quality: number; readonly parts: RecoveryParts };
  readonly doubleDeviation: boolean;
  readonly paradox: boolean;
}

/**
 * The state after one more event; the old state is left as it is. Events must come in order (`inOrder`), each id once: to
 * remember ids seen is the caller's business, `comesTooLate` tells of an event that needs a fold anew.
 * @throws ProblemError LOYALTY_EVENT_OUT_OF_ORDER.
 */
export function applyEvent(state: LoyaltyState, event: ModelEvent, rules: Ruleset = DEFAULT_RULESET): LoyaltyState {
  return takeIn(state, event, rules).happened.state;
}

/** As `applyEvent`, with the points of the event itself by cause: what `explainEvent` says of it, for less. */
export function moveOfEvent(
  state: LoyaltyState,
  event: ModelEvent,
  rules: Ruleset = DEFAULT_RULESET,
): { state: LoyaltyState; byEvent: Contributions } {
  const { happened, byEvent } = moved(state, event, rules);
  return { state: happened.state, byEvent };
}

/** As `applyEvent`, with the exact explanation of what moved. */
export function explainEvent(
  state: LoyaltyState,
  event: ModelEvent,
  rules: Ruleset = DEFAULT_RULESET,
): { state: LoyaltyState; step: Step } {
  const { happened, waiting, after, byEvent } = moved(state, event, rules);
  const step: Step = {
    id: event.id,
    type: event.type,
    at: event.at,
    byTime: state.asOf === null ? {} : contributions(componentsOf(state, rules), waiting, rules),
    byEvent,
    before: waiting.score,
    after: after.score,
    delta: after.score - waiting.score,
    ...(happened.recovery ? { recovery: happened.recovery } : {}),
    doubleDeviation: happened.doubleDeviation ?? false,
    paradox: happened.paradox ?? false,
  };
  return { state: happened.state, step };
}

/** An event taken in, and how the components stood right before it and after. */
function moved(state: LoyaltyState, event: ModelEvent, rules: Ruleset) {
  const { waited, happened } = takeIn(state, event, rules);
  const waiting = componentsOf(waited, rules);
  const after = componentsOf(happened.state, rules);
  return { happened, waiting, after, byEvent: contributions(waiting, after, rules, happened.breachStages) };
}

/** The state at `asOf` of a whole history, in any order and with any copies; later events are not yet known. */
export function fold(events: Iterable<ModelEvent>, asOf: Days, rules: Ruleset = DEFAULT_RULESET): LoyaltyState {
  return foldOnto(emptyState(rules), events, asOf, rules);
}

/** As `fold`, going on from a snapshot; the events must sort after those the snapshot holds. */
export function foldOnto(
  snapshot: LoyaltyState,
  events: Iterable<ModelEvent>,
  asOf: Days,
  rules: Ruleset = DEFAULT_RULESET,
): LoyaltyState {
  let state = snapshot;
  for (const event of inOrder(events)) if (event.at <= asOf) state = applyEvent(state, event, rules);
  return evolveTo(state, asOf, rules);
}

/** As `fold`, with the explanation of every step. */
export function trace(
  events: Iterable<ModelEvent>,
  asOf: Days,
  rules: Ruleset = DEFAULT_RULESET,
): { state: LoyaltyState; steps: Step[] } {
  let state = emptyState(rules);
  const steps: Step[] = [];
  for (const event of inOrder(events)) {
    if (event.at > asOf) break;
    const explained = explainEvent(state, event, rules);
    state = explained.state;
    steps.push(explained.step);
  }
  return { state: evolveTo(state, asOf, rules), steps };
}
