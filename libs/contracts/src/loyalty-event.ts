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
  readonly risk?: string;
  readonly gesture?: string;
  readonly ruleset: string;
  readonly asOf: string;
}

export type LoyaltyEvent = CloudEvent<LoyaltyEventData>;
