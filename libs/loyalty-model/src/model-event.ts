/**
 * Days since an arbitrary UTC midnight (the same one for all events of a customer); the fraction is the time of day.
 * Everything inside the model is in days; `inDays` (units.ts) brings events in milliseconds over.
 */
export type Days = number;

export type PromiseKind = 'reservation' | 'response' | 'waiting' | 'service' | 'delivery';
export type TieKind = 'club' | 'agreement' | 'bundle' | 'customization' | 'points' | 'autopay';
export type GestureKind = 'note' | 'call' | 'gift' | 'surprise' | 'upgrade';
export type SurveyKind = 'csat' | 'nps' | 'ces' | 'review';
export type Apology = 'none' | 'auto' | 'personal';

/** What the timer and the settlement of a promise both know. */
interface AboutPromise {
  readonly promiseId: string;
  readonly kind: PromiseKind;
  readonly dueAt: Days;
  readonly madeAt?: Days;
  /** How much this promise matters to the customer; 1 is usual. */
  readonly importance?: number;
}

/** The timer fired; nobody knows yet how late it will be. */
export interface PromiseBreached extends AboutPromise {
  readonly type: 'promise.breached';
}

/** The outcome is known. `actualAt` null: it was never done. `tolerance` (days, above 0) is one unit of lateness. */
export interface PromiseSettled extends AboutPromise {
  readonly type: 'promise.settled';
  readonly actualAt: Days | null;
  readonly tolerance: Days;
  /** The last promise of an episode: what comes last is remembered best. */
  readonly end?: boolean;
}

/** The customer was told before the due time that it would be late. */
export interface DelayNotified {
  readonly type: 'delay.notified';
  readonly promiseId: string;
  readonly newEta?: Days;
}

/** The company made good for a broken promise. `compensation` and `loss` are in the same currency unit. */
export interface RecoveryDone {
  readonly type: 'recovery.done';
  readonly promiseId: string;
  readonly compensation?: number;
  readonly loss?: number;
  readonly apology?: Apology;
  readonly explanation?: boolean;
  readonly initiated?: 'company' | 'customer';
  /** Given back in kind (default), not a voucher for lost money. */
  readonly match?: boolean;
  /** Paid at once (default), not later. */
  readonly immediate?: boolean;
}

type Happening =
  | PromiseBreached
  | PromiseSettled
  | DelayNotified
  | RecoveryDone
  | { readonly type: 'recovery.missed'; readonly promiseId: string }
  | { readonly type: 'customer.joined' }
  | { readonly type: 'staff.pulse'; readonly value: number }
  | { readonly type: 'promo.claimed'; readonly intensity: number }
  | { readonly type: 'tie.changed'; readonly kind: TieKind; readonly strength: number }
  | { readonly type: 'purchase.made'; readonly orderId: string; readonly amount: number; readonly category?: string }
  | { readonly type: 'purchase.refunded'; readonly orderId: string }
  | { readonly type: 'complaint.filed'; readonly complaintId: string }
  | { readonly type: 'complaint.resolved'; readonly complaintId: string; readonly satisfied: boolean }
  | { readonly type: 'contact.made'; readonly channel?: string; readonly personal?: boolean }
  | { readonly type: 'gesture.made'; readonly kind: GestureKind }
  | { readonly type: 'survey.answered'; readonly kind: SurveyKind; readonly value: number }
  | { readonly type: 'referral.made' }
  | { readonly type: 'referral.converted' }
  | { readonly type: 'time.tick' };

/** One thing that happened to one customer. `id` identifies it: a second copy of an id is the same event. */
export type ModelEvent = Happening & { readonly id: string; readonly at: Days };
export type ModelEventType = ModelEvent['type'];
export type EventOf<T extends ModelEventType> = Extract<ModelEvent, { readonly type: T }>;

/** Rank of events of the same instant: what prepares comes before what it prepares for. The order is part of the ruleset. */
const SAME_INSTANT_ORDER: readonly ModelEventType[] = [
  'customer.joined',
  'staff.pulse',
  'promo.claimed',
  'tie.changed',
  'purchase.made',
  'delay.notified',
  'promise.breached',
  'promise.settled',
  'recovery.done',
  'recovery.missed',
  'complaint.filed',
  'complaint.resolved',
  'contact.made',
  'gesture.made',
  'survey.answered',
  'referral.made',
  'referral.converted',
  'purchase.refunded',
  'time.tick',
];

const RANKS: ReadonlyMap<string, number> = new Map(SAME_INSTANT_ORDER.map((type, rank) => [type, rank]));

export const MODEL_EVENT_TYPES = SAME_INSTANT_ORDER;

/** Place of a type among events of the same instant; undefined for a type that the model does not know. */
export function rankOf(type: string): number | undefined {
  return RANKS.get(type);
}

/** Where an event stands in its customer's history. */
export interface EventPosition {
  readonly at: Days;
  readonly type: ModelEventType;
  readonly id: string;
}

/** Total order of a customer's events: time, then type rank, then id (code units). Negative when `a` comes first. */
export function compareEvents(a: EventPosition, b: EventPosition): number {
  const byTime = a.at - b.at || (rankOf(a.type) ?? 0) - (rankOf(b.type) ?? 0);
  if (byTime !== 0) return byTime;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/** A history as the model reads it: each id once (the first copy that came wins), in the total order. */
export function inOrder(events: Iterable<ModelEvent>): ModelEvent[] {
  const firstCopies = new Map<string, ModelEvent>();
  for (const event of events) if (!firstCopies.has(event.id)) firstCopies.set(event.id, event);
  return [...firstCopies.values()].sort(compareEvents);
}

/** Customers who turn out to be one person: their history is the union of both, never a sum of scores. */
export function mergedHistory(...histories: readonly Iterable<ModelEvent>[]): ModelEvent[] {
  return inOrder(histories.flatMap((history) => [...history]));
}
