import { clamp, saturating } from './arithmetic.js';
import { mbgAlive } from './buy-till-you-die/mbg-nbd.js';
import type { Days, EventOf } from './model-event.js';
import type { Ruleset } from './parameters.js';
import type { LoyaltyState, Purchase } from './state.js';

const DAYS_PER_WEEK = 7;

/** Each part 0..1. */
export interface BehaviourParts {
  readonly alive: number;
  readonly repeat: number;
  readonly trend: number;
  readonly breadth: number;
  readonly referrals: number;
}

/** An order under a known number replaces the old one. */
export function recordPurchase(state: LoyaltyState, event: EventOf<'purchase.made'>): LoyaltyState {
  const { orderId, at, amount } = event;
  const purchase: Purchase = { orderId, at, amount, category: event.category ?? '-', refunded: false };
  return { ...state, purchases: [...state.purchases.filter((each) => each.orderId !== orderId), purchase] };
}

/** A refund takes back, once, all that its order gave; the order stays in the list. */
export function refundPurchase(state: LoyaltyState, orderId: string): LoyaltyState {
  const purchases = state.purchases.map((each) => (each.orderId === orderId ? { ...each, refunded: true } : each));
  return { ...state, purchases };
}

export function addReferral(state: LoyaltyState, worth: number): LoyaltyState {
  return { ...state, referrals: state.referrals + worth };
}

/** Component B with its parts at a time. */
export function behaviourOf(state: LoyaltyState, at: Days, rules: Ruleset): { value: number; parts: BehaviourParts } {
  const { weights, breadthWindowDays } = rules.behaviour;
  const valid = state.purchases.filter((purchase) => !purchase.refunded);
  if (valid.length > 1) valid.sort((a, b) => a.at - b.at || (a.orderId < b.orderId ? -1 : 1));
  const purchaseDays = [...new Set(valid.map((purchase) => Math.floor(purchase.at)))];
  const recent = valid.filter((purchase) => at - purchase.at <= breadthWindowDays);
  const categories = new Set(recent.map((purchase) => purchase.category)).size;

  const parts = {
    alive: aliveProbability(purchaseDays, at, rules),
    repeat: saturating(Math.max(0, purchaseDays.length - 1)),
    trend: (1 + checkTrend(valid, rules)) / 2,
    breadth: saturating(Math.max(0, categories - 1)),
    referrals: 1 - 2 ** -state.referrals,
  };
  const history =
    weights.alive +
    weights.repeat * parts.repeat +
    weights.trend * parts.trend +
    weights.breadth * parts.breadth +
    weights.referrals * parts.referrals;
  return { value: parts.alive * history, parts };
}

/** Probability that the customer still buys, from the days they bought on (ascending). */
function aliveProbability(purchaseDays: readonly number[], at: Days, rules: Ruleset): number {
  const first = purchaseDays[0] ?? at;
  const latest = purchaseDays.at(-1) ?? at;
  const { a, b } = rules.behaviour.purchasing;
  if (purchaseDays.length === 0) return b / (a + b); // never bought: the prior
  return mbgAlive(rules.behaviour.purchasing, {
    repeats: purchaseDays.length - 1,
    recency: (latest - first) / DAYS_PER_WEEK,
    age: Math.max(0, (at - first) / DAYS_PER_WEEK),
  });
}

/** −1..1: whether the check grows or shrinks, fast against slow moving average. */
function checkTrend(purchases: readonly Purchase[], rules: Ruleset): number {
  const { fastRate, slowRate, fullFactor } = rules.behaviour.trend;
  const [first, ...later] = purchases;
  if (!first) return 0;
  let fast = first.amount;
  let slow = first.amount;
  for (const { amount } of later) {
    fast += fastRate * (amount - fast);
    slow += slowRate * (amount - slow);
  }
  return fast > 0 && slow > 0 ? clamp(Math.log(fast / slow) / Math.log(fullFactor), -1, 1) : 0;
}
