import {
  applyEvent,
  compareEvents,
  componentsOf,
  emptyState,
  evolveTo,
  tierOf,
  type Components,
  type Days,
  type LoyaltyState,
  type ModelEvent,
  type Tier,
} from '#libs/loyalty-model';
import type { CustomerDocument } from './document.js';
import { eventsOfDocument } from './model-events.js';

/** A customer at the last event of a history. The tier goes along: it holds on to where it was (hysteresis). */
export interface Head {
  readonly state: LoyaltyState;
  readonly tier: Tier | null;
}

export interface Standing {
  readonly state: LoyaltyState;
  readonly components: Components;
  readonly tier: Tier;
}

/** Nothing is known. */
export const NEWCOMER: Head = { state: emptyState(), tier: null };

/** Where the history that is not summarised starts from. */
export function startOf({ summary }: CustomerDocument): Head {
  return summary ? { state: summary.state, tier: summary.tier } : NEWCOMER;
}

/** The head after more events, which must be in order and sort after those in it. */
export function advance(head: Head, events: readonly ModelEvent[]): Head {
  let { state, tier } = head;
  for (const event of events) {
    state = applyEvent(state, event);
    tier = tierOf(componentsOf(state).score, tier);
  }
  return { state, tier };
}

/** The head of what is known, as far as `asOf` (by default: to the end). */
export function headOf(document: CustomerDocument, asOf: Days = Infinity): Head {
  return advance(
    startOf(document),
    eventsOfDocument(document).filter(({ at }) => at <= asOf),
  );
}

/**
 * A history with the head after each of its events, so that news of yesterday cost a fold of one day and not of a life:
 * most news come a little late.
 */
export interface Trail {
  readonly start: Head;
  readonly events: readonly ModelEvent[];
  readonly heads: readonly Head[];
}

export function trailOf(document: CustomerDocument): Trail {
  const start = startOf(document);
  return extended({ start, events: [], heads: [] }, eventsOfDocument(document));
}

export function lastHead({ start, heads }: Trail): Head {
  return heads.at(-1) ?? start;
}

/** The trail with some events taken out (by id) and others put in; what lies before the first of them is not folded again. */
export function rewritten(trail: Trail, gone: readonly ModelEvent[], added: readonly ModelEvent[]): Trail {
  const first = [...gone, ...added].sort(compareEvents)[0];
  if (!first) return trail;
  let kept = trail.events.length;
  while (kept > 0 && compareEvents(trail.events[kept - 1] as ModelEvent, first) >= 0) kept -= 1;
  const ids = new Set(gone.map(({ id }) => id));
  const tail = trail.events.slice(kept).filter(({ id }) => !ids.has(id));
  const unchanged = { start: trail.start, events: trail.events.slice(0, kept), heads: trail.heads.slice(0, kept) };
  return extended(unchanged, [...tail, ...added].sort(compareEvents));
}

function extended({ start, events, heads }: Trail, more: readonly ModelEvent[]): Trail {
  const further = [...heads];
  let head = heads.at(-1) ?? start;
  for (const event of more) further.push((head = advance(head, [event])));
  return { start, events: [...events, ...more], heads: further };
}

/** How the customer stands at a time, nothing having happened since the head (the head's own time, where that is later). */
export function standingAt({ state, tier }: Head, asOf: Days): Standing {
  const now = evolveTo(state, Math.max(asOf, state.asOf ?? asOf));
  const components = componentsOf(now);
  return { state: now, components, tier: tierOf(components.score, tier) };
}
