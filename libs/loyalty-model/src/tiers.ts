import type { Components } from './components.js';
import { DEFAULT_RULESET, type Ruleset } from './parameters.js';

export type Tier = 'advocate' | 'loyal' | 'neutral' | 'at_risk' | 'broken';
export type Segment = 'new' | 'true_loyal' | 'latent_loyal' | 'spurious_loyal' | 'no_loyalty';

/**
 * Tier of a score. With the tier held so far, an edge must be passed by the hysteresis before it is crossed; the one edge
 * nearest to the score decides, so a big move goes straight to its tier or the neighbour.
 */
export function tierOf(score: number, held: Tier | null = null, rules: Ruleset = DEFAULT_RULESET): Tier {
  const { edges, lowest, hysteresis } = rules.tiers;
  const tiers = [...edges.map((edge) => edge.tier), lowest] as Tier[];
  const edgeBelow = (place: number): number => edges[place]?.from ?? -Infinity;
  const reached = edges.findIndex((edge) => score >= edge.from);
  const raw = reached < 0 ? edges.length : reached; // place among the tiers, 0 the best
  const heldPlace = held === null ? raw : tiers.indexOf(held);
  let place = raw;
  if (raw < heldPlace && score < edgeBelow(raw) + hysteresis) place = raw + 1;
  if (raw > heldPlace && score >= edgeBelow(raw - 1) - hysteresis) place = raw - 1;
  return tiers[place] ?? (lowest as Tier);
}

/** Attitude against behaviour (Dick and Basu 1994): who buys without liking is held, not loyal. */
export function segmentOf(components: Components, rules: Ruleset = DEFAULT_RULESET): Segment {
  const { newForDays, attitudeFrom, behaviourFrom } = rules.segments;
  if (components.behaviourParts.repeat === 0 && components.tenureDays < newForDays) return 'new';
  const likes = (components.trust * (components.experience + components.voice)) / 2 >= attitudeFrom;
  const buys = components.behaviour >= behaviourFrom;
  if (likes) return buys ? 'true_loyal' : 'latent_loyal';
  return buys ? 'spurious_loyal' : 'no_loyalty';
}

/** 0..1: how likely the customer is to be lost, from silence, lost trust and low voice, less what ties hold them. */
export function churnRiskOf(components: Components, rules: Ruleset = DEFAULT_RULESET): number {
  const { trustFloor, lowVoiceBelow, lowVoice, tiesHold } = rules.churn;
  const trusting = trustFloor + (1 - trustFloor) * components.trust;
  const heard = components.voice < lowVoiceBelow ? lowVoice : 1;
  const leaving = 1 - components.behaviourParts.alive * trusting * heard;
  return leaving * (1 - tiesHold * components.relationshipParts.ties);
}
