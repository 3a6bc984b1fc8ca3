import { nameIdOf } from '#libs/kernel';
import {
  applyEvent,
  compareEvents,
  componentsOf,
  emptyState,
  evolveTo,
  tierOf,
  type Components,
  type Days,
  type EventPosition,
  type LoyaltyState,
  type ModelEvent,
  type Ruleset,
  type Tier,
} from '#libs/loyalty-model';
import type { ModelSettings } from '#libs/signals';
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

/** A head as stored beside the document: where in the history it stands, and under which settings it was folded. */
export interface Snapshot extends Head {
  readonly settings: string;
  readonly position: EventPosition;
  /** Events up to and with the position. */
  readonly count: number;
}

/** Shorter histories are folded anew in less time than a snapshot takes to read. */
const EVENTS_WITHOUT_SNAPSHOT = 8;
/** The older of the two snapshots lies so far back: most late news come after it. */
const OLDER_BY_EVENTS = 50;

/** Nothing is known. */
export function newcomer(rules: Ruleset): Head {
  return { state: emptyState(rules), tier: null };
}

/** The head after one more event, which must sort after those in it. */
export function advanced({ state, tier }: Head, event: ModelEvent, rules: Ruleset): Head {
  const next = applyEvent(state, event, rules);
  return { state: next, tier: tierOf(componentsOf(next, rules).score, tier, rules) };
}

/** How the customer stands at a time, nothing having happened since the head (the head's own time, where that is later). */
function standingAt({ state, tier }: Head, asOf: Days, rules: Ruleset): Standing {
  const now = evolveTo(state, Math.max(asOf, state.asOf ?? asOf), rules);
  const components = componentsOf(now, rules);
  return { state: now, components, tier: tierOf(components.score, tier, rules) };
}

/**
 * A history with the heads after its events, each folded when first asked for, so that news of yesterday cost a fold of one
 * day and not of a life. Deadlines that lie ahead are events like others: a head is always one as of a time.
 */
export class Trail {
  private readonly heads: (Head | undefined)[];
  private stood: { readonly asOf: Days; readonly standing: Standing } | null = null;

  private constructor(
    private readonly start: Head,
    readonly events: readonly ModelEvent[],
    private readonly rules: Ruleset,
    heads: readonly (Head | undefined)[] = [],
  ) {
    this.heads = [...heads];
  }

  /** @param snapshots those that do not fit (other settings) are passed over: they only save time. */
  static of(document: CustomerDocument, settings: ModelSettings, snapshots: readonly Snapshot[] = []): Trail {
    const { summary } = document;
    const start = summary ? { state: summary.state, tier: summary.tier } : newcomer(settings.rules);
    const trail = new Trail(start, eventsOfDocument(document, settings), settings.rules);
    const name = fingerprintOf(settings);
    for (const snapshot of snapshots) {
      const at = trail.events[snapshot.count - 1];
      if (snapshot.settings !== name || !at || compareEvents(at, snapshot.position) !== 0) continue;
      trail.heads[snapshot.count - 1] = { state: snapshot.state, tier: snapshot.tier };
    }
    return trail;
  }

  /** How many events happened up to a time. */
  countAt(asOf: Days): number {
    let [low, high] = [0, this.events.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.events[middle] as ModelEvent).at <= asOf) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The head after the first `count` events. */
  headAfter(count: number): Head {
    let known = count;
    while (known > 0 && !this.heads[known - 1]) known -= 1;
    let head = known === 0 ? this.start : (this.heads[known - 1] as Head);
    for (let i = known; i < count; i++) {
      head = advanced(head, this.events[i] as ModelEvent, this.rules);
      this.heads[i] = head;
    }
    return head;
  }

  headAt(asOf: Days): Head {
    return this.headAfter(this.countAt(asOf));
  }

  standingAt(asOf: Days): Standing {
    // The same moment is asked for by all who have something to say of it.
    if (this.stood?.asOf !== asOf) this.stood = { asOf, standing: standingAt(this.headAt(asOf), asOf, this.rules) };
    return this.stood.standing;
  }

  /** The next thing that will happen by time alone; null when nothing will. */
  nextAfter(asOf: Days): Days | null {
    return this.events[this.countAt(asOf)]?.at ?? null;
  }

  /** With some events taken out (by id) and others put in; what lies before the first of them is not folded again. */
  rewritten(gone: readonly ModelEvent[], added: readonly ModelEvent[]): { trail: Trail; unchanged: number } {
    const [first] = [...gone, ...added].sort(compareEvents);
    if (!first) return { trail: this, unchanged: this.events.length };
    let unchanged = this.events.length;
    while (unchanged > 0 && compareEvents(this.events[unchanged - 1] as ModelEvent, first) >= 0) unchanged -= 1;
    const ids = new Set(gone.map(({ id }) => id));
    const tail = this.events.slice(unchanged).filter(({ id }) => !ids.has(id));
    const events = [...this.events.slice(0, unchanged), ...[...tail, ...added].sort(compareEvents)];
    return { trail: new Trail(this.start, events, this.rules, this.heads.slice(0, unchanged)), unchanged };
  }

  /** What to store, so that the next batch need not fold the whole history: the head as of a time, and one far before it. */
  snapshotsAt(asOf: Days, settings: ModelSettings): Snapshot[] {
    const newest = this.countAt(asOf);
    if (newest < EVENTS_WITHOUT_SNAPSHOT) return [];
    const older = Math.floor((newest - 1) / OLDER_BY_EVENTS) * OLDER_BY_EVENTS;
    return [older, newest].filter((count) => count > 0).map((count) => this.snapshotAfter(count, settings));
  }

  private snapshotAfter(count: number, settings: ModelSettings): Snapshot {
    const { at, type, id } = this.events[count - 1] as ModelEvent;
    return { ...this.headAfter(count), settings: fingerprintOf(settings), position: { at, type, id }, count };
  }
}

const fingerprints = new WeakMap<ModelSettings, string>();

/** Settings that would fold the same events otherwise have another name. */
function fingerprintOf(settings: ModelSettings): string {
  let name = fingerprints.get(settings);
  if (name === undefined) fingerprints.set(settings, (name = nameIdOf(JSON.stringify(settings))));
  return name;
}
