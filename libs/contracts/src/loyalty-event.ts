import type { CloudEvent } from './cloud-event.js';

export const LOYALTY_PREFIX = 'makegood.loyalty.';
export type LoyaltyEventKind = 'score-changed' | 'risk-raised' | 'risk-cleared' | 'tier-changed' | 'gesture-suggested';

/** `data` of `makegood.loyalty.*`; scores are 0 to 100, deltas in points. */
export interface LoyaltyEventData {
  readonly customer: string;
  readonly score: number;
  readonly previous?: number;
  readonly delta?: number;
  readonly parts?: readonly { readonly part: string; readonly points: number }[];
  readonly cause?: { readonly eventId: string; readonly type: string };
  readonly corrects?: string;
  readonly tier?: string;
  /** risk-raised: warn or critical; risk-cleared: none. */
  readonly risk?: string;
  /** Why the risk was raised: churn_risk, score_fell, tier_fell, double_deviation. */
  readonly causes?: readonly string[];
  /** 0 to 1. */
  readonly churnRisk?: number;
  readonly gesture?: string;
  /** The promises that a suggested gesture should make good. */
  readonly promises?: readonly string[];
  readonly ruleset: string;
  readonly asOf: string;
}

export type LoyaltyEvent = CloudEvent<LoyaltyEventData>;

/**
 * Extension of each loyalty event: topic and offset of the record that caused it, in the event's own partition. By it a
 * database tells what it has decided itself from what it has forgotten.
 */
export const CAUSE_POSITION = 'causeposition';

export interface CausePosition {
  readonly topic: string;
  readonly offset: number;
}

export function causePositionText({ topic, offset }: CausePosition): string {
  return `${topic}/${offset}`;
}

/** @returns null where the event does not say so (told by an older version, or of another kind) */
export function causePositionOf(event: CloudEvent<unknown>): CausePosition | null {
  const found = /^(.+)\/(\d+)$/.exec(String(event[CAUSE_POSITION]));
  return found ? { topic: found[1] as string, offset: Number(found[2]) } : null;
}

/** On every partition of `makegood.signals.v1`: each shard judges by the rules of its data from that offset on. */
export const RULES_TYPE = 'makegood.model.applied';
