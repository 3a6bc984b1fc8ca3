import { clamp, countSince, decay, sum } from './arithmetic.js';
import { trustOf } from './debts.js';
import { remember } from './evolve.js';
import type { Days, EventOf, TieKind } from './model-event.js';
import type { Ruleset } from './parameters.js';
import type { LoyaltyState } from './state.js';

/** Each part 0..1. */
export interface RelationshipParts {
  readonly cadence: number;
  readonly tenure: number;
  readonly warmth: number;
  readonly ties: number;
}

export function makeContact(state: LoyaltyState, event: EventOf<'contact.made'>, rules: Ruleset): LoyaltyState {
  const { cadenceDays, personalContact, personalContactWindowDays, repetition } = rules.relationship;
  const earlier = countSince(state.contacts, event.at, personalContactWindowDays);
  const warmed = event.personal ? personalContact * repetition ** earlier : 0;
  const contacts = remember(state.contacts, event.at, Math.max(cadenceDays, personalContactWindowDays));
  return { ...state, contacts, warmth: state.warmth + warmed };
}

/** A kindness; each one soon after another is worth less, and while trust is broken it does not reach the customer in full. */
export function makeGesture(state: LoyaltyState, event: EventOf<'gesture.made'>, rules: Ruleset): LoyaltyState {
  const { cadenceDays, personalContactWindowDays, gestureWindowDays, repetition, gestures } = rules.relationship;
  const { repairBelowTrust, unrepaired, surpriseSatisfaction } = rules.relationship;
  const earlier = countSince(state.gestures, event.at, gestureWindowDays);
  const damping = trustOf(state, event.at, rules) < repairBelowTrust ? unrepaired : 1;
  const share = repetition ** earlier * damping;
  return {
    ...state,
    gestures: remember(state.gestures, event.at, gestureWindowDays),
    contacts: remember(state.contacts, event.at, Math.max(cadenceDays, personalContactWindowDays)),
    warmth: state.warmth + gestures[event.kind] * share,
    satisfaction: state.satisfaction + (event.kind === 'surprise' ? surpriseSatisfaction * share : 0),
  };
}

export function changeTie(state: LoyaltyState, event: EventOf<'tie.changed'>): LoyaltyState {
  return { ...state, ties: { ...state.ties, [event.kind]: clamp(event.strength, 0, 1) } };
}

export function measureStaff(state: LoyaltyState, value: number): LoyaltyState {
  return { ...state, staffEngagement: clamp(value, 0, 1) };
}

/** When the company was last in touch; before any contact, when the customer was first seen. */
export function lastContactOf(state: LoyaltyState, at: Days): Days {
  return state.contacts.at(-1) ?? state.since ?? at;
}

export function tenureDaysOf(state: LoyaltyState, at: Days): number {
  return Math.max(0, at - (state.since ?? at));
}

/** Component R with its parts at a time. */
export function relationshipOf(
  state: LoyaltyState,
  at: Days,
  rules: Ruleset,
): { value: number; parts: RelationshipParts } {
  const { weights, cadenceDays, contactsAtMost, crowding, staffFloor, staffSpan } = rules.relationship;
  const silence = Math.max(0, at - lastContactOf(state, at) - cadenceDays);
  const crowded = countSince(state.contacts, at, cadenceDays) > contactsAtMost;
  const parts = {
    cadence: decay(silence, cadenceDays) * (crowded ? crowding : 1),
    tenure: 1 - decay(tenureDaysOf(state, at), rules.relationship.tenureHalfLifeDays),
    warmth: 1 - Math.exp(-state.warmth),
    ties: tiesOf(state, rules),
  };
  const bond =
    weights.cadence * parts.cadence +
    weights.tenure * parts.tenure +
    weights.warmth * parts.warmth +
    weights.ties * parts.ties;
  return { value: clamp(bond * (staffFloor + staffSpan * state.staffEngagement), 0, 1), parts };
}

/** 0..1: what makes leaving cumbersome; it holds a customer, which is not the same as their being loyal. */
function tiesOf(state: LoyaltyState, rules: Ruleset): number {
  const kinds = Object.keys(rules.relationship.ties) as TieKind[]; // in the ruleset's order, whatever the store's
  return Math.min(1, sum(kinds.map((kind) => rules.relationship.ties[kind] * (state.ties[kind] ?? 0))));
}
