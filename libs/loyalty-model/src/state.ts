import type { Days, EventPosition, PromiseKind, TieKind } from './model-event.js';

/** What one broken promise still costs. `base` is the hurt at the due time, before healing and fading. */
export interface Debt {
  readonly promiseId: string;
  readonly dueAt: Days;
  readonly base: number;
  /** Tolerances late, as known so far. */
  readonly lateness: number;
  /** Fixed at the first news of the breach: what was expected, weight, how early the warning (0..1), repeat factor. */
  readonly reference: number;
  readonly importance: number;
  readonly warningLead: number;
  readonly repeat: number;
  readonly secondPromiseMissed: boolean;
  /** Share not yet healed by promises kept since. */
  readonly unhealed: number;
  /** Quality of the best recovery (0: none), and failed attempts. */
  readonly bestRecovery: number;
  readonly failedRecoveries: number;
}

export interface Notice {
  readonly promiseId: string;
  readonly at: Days;
  readonly newEta: Days | null;
}

export interface Purchase {
  readonly orderId: string;
  readonly at: Days;
  readonly amount: number;
  readonly category: string;
  readonly refunded: boolean;
}

/** Something the customer said; `sentiment` −1..1. A complaint is open until it is resolved. */
export interface Voice {
  readonly about: 'survey' | 'complaint';
  readonly id: string;
  readonly at: Days;
  readonly sentiment: number;
  readonly weight: number;
  readonly open: boolean;
}

/**
 * All that the model remembers of a customer: plain JSON, fit for a database row, never changed in place. Keyed things are
 * lists, so that a store that reorders the keys of objects cannot change a sum. Fading quantities hold their value at `asOf`.
 */
export interface LoyaltyState {
  readonly ruleset: string;
  /** The time this state stands for; null before anything happened. */
  readonly asOf: Days | null;
  /** When the customer was first seen. */
  readonly since: Days | null;
  /** The last event taken in: an event that sorts before it is late and needs a fold anew. */
  readonly last: EventPosition | null;
  readonly satisfaction: number;
  readonly hype: number;
  readonly warmth: number;
  readonly referrals: number;
  readonly staffEngagement: number;
  readonly expectedLateness: Readonly<Partial<Record<PromiseKind, number>>>;
  readonly ties: Readonly<Partial<Record<TieKind, number>>>;
  readonly debts: readonly Debt[];
  readonly notices: readonly Notice[];
  readonly purchases: readonly Purchase[];
  readonly voices: readonly Voice[];
  /** Times, oldest first; only as far back as a rule looks, and always the last contact. */
  readonly contacts: readonly Days[];
  readonly gestures: readonly Days[];
  readonly apologies: readonly Days[];
  /** When the recovery paradox was last granted. */
  readonly paradoxAt: Days | null;
  readonly settledPromises: number;
}
