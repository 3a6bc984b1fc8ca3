import { behaviourOf, type BehaviourParts } from './behaviour.js';
import { totalDebt } from './debts.js';
import { timeOf } from './evolve.js';
import { experienceOf } from './experience.js';
import { DEFAULT_RULESET, type Ruleset } from './parameters.js';
import { relationshipOf, tenureDaysOf, type RelationshipParts } from './relationship.js';
import type { LoyaltyState } from './state.js';
import { voiceOf } from './voice.js';

/** The score (0..100) and what it is made of, at the time of the state. Shares are 0..1. */
export interface Components {
  readonly score: number;
  /** H, the gate: without trust nothing else counts. */
  readonly trust: number;
  /** D, the sum of open debts; trust = exp(−debt). */
  readonly debt: number;
  /** X, B, V, R: the motivators. */
  readonly experience: number;
  readonly behaviour: number;
  readonly voice: number;
  readonly relationship: number;
  /** M, their weighted sum. */
  readonly motivation: number;
  /** What trust multiplies: from `trustAlone` up to 1. */
  readonly merit: number;
  readonly behaviourParts: BehaviourParts;
  readonly relationshipParts: RelationshipParts;
  readonly tenureDays: number;
}

export const MOTIVATORS = ['experience', 'behaviour', 'voice', 'relationship'] as const;
export type Motivator = (typeof MOTIVATORS)[number];

/** Reads the components off a state, at the state's time. */
export function componentsOf(state: LoyaltyState, rules: Ruleset = DEFAULT_RULESET): Components {
  const at = timeOf(state);
  const { blend } = rules;
  const debt = totalDebt(state, at, rules);
  const trust = Math.exp(-debt);
  const experience = experienceOf(state);
  const behaviour = behaviourOf(state, at, rules);
  const voice = voiceOf(state, at, rules);
  const relationship = relationshipOf(state, at, rules);
  const motivation =
    blend.experience * experience +
    blend.behaviour * behaviour.value +
    blend.voice * voice +
    blend.relationship * relationship.value;
  const merit = blend.trustAlone + (1 - blend.trustAlone) * motivation;
  return {
    score: 100 * trust * merit,
    trust,
    debt,
    experience,
    behaviour: behaviour.value,
    voice,
    relationship: relationship.value,
    motivation,
    merit,
    behaviourParts: behaviour.parts,
    relationshipParts: relationship.parts,
    tenureDays: tenureDaysOf(state, at),
  };
}
