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
