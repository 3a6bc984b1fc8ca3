import type { LoyaltyEvent } from '#libs/contracts';
import { promiseEventIdOf } from '#libs/kernel';
import {
  comesTooLate,
  componentsOf,
  contributions,
  daysFromMs,
  DEFAULT_RULESET,
  explainEvent,
  tierOf,
  type ModelEvent,
} from '#libs/loyalty-model';
import { scoreEventIdOf, scoreEvents, type Announced } from '../announce-score/score-events.js';
import {
  EMPTY_DOCUMENT,
  UNKNOWN_PROMISE,
  type CustomerDocument,
  type KnownPromise,
} from '../customer-document/document.js';
import {
  lastHead,
  NEWCOMER,
  rewritten,
  standingAt,
  trailOf,
  type Head,
  type Standing,
  type Trail,
} from '../customer-document/history.js';
import { learn, withPromise, type News } from '../customer-document/learn.js';
import { eventsOfPromise, joinedEvent } from '../customer-document/model-events.js';
import { isSummarised, PROMISES_MAX, summarise } from '../customer-document/summarise.js';

/** A customer as stored. */
export interface StoredCustomer {
  readonly document: CustomerDocument;
  /** null: nothing was told of the customer yet. */
  readonly announced: Announced | null;
}

/** One customer during one batch: learns what the records tell, in their order, and says what is to be told. */
export class CustomerWork {
  private document: CustomerDocument;
  private announced: Announced | null;
  private trail: Trail;
  private promiseCount: number;
  private changed = false;

  constructor(
    private readonly customer: string,
    stored: StoredCustomer | null,
  ) {
    this.document = stored?.document ?? EMPTY_DOCUMENT;
    this.announced = stored?.announced ?? null;
    this.trail = trailOf(this.document);
    this.promiseCount = Object.keys(this.document.promises).length;
  }

  /** Takes in news; answers the events to be published for them. */
  take(news: News): LoyaltyEvent[] {
    const before = this.document.promises[news.promiseId];
    const after = learn(before, news);
    if (after === before) return [];
    if (!before && isSummarised(this.document, news.promiseId, after)) return [];
    const document = withPromise(this.document, news, after);
    const { trail, causes } = this.rewrite(document, news.promiseId, before ?? UNKNOWN_PROMISE, after);
    const told = trail === this.trail ? [] : this.tell(news, document, lastHead(trail), causes, before);
    this.changed = true;
    this.document = document;
    this.trail = trail;
    if (!before) this.promiseCount += 1;
    if (this.promiseCount > PROMISES_MAX) this.shorten();
    return told;
  }

  /** How the customer stands now, to be stored; null when nothing was new. */
  result(): (StoredCustomer & { readonly standing: Standing }) | null {
    if (!this.changed) return null;
    const standing = standingAt(lastHead(this.trail), daysFromMs(this.document.asOfMs));
    return { document: this.document, announced: this.announced, standing };
  }

  /** The new history and the points of what is new in it: a step more or, where the past changed, the difference it made. */
  private rewrite(document: CustomerDocument, promiseId: string, before: KnownPromise, after: KnownPromise) {
    const through = document.summary?.throughDay ?? -Infinity;
    const historyOf = (known: KnownPromise, of: CustomerDocument): ModelEvent[] =>
      [...joinedEvent(of), ...eventsOfPromise(promiseId, known)].filter(({ at }) => at > through);
    const old = historyOf(before, this.document);
    const fresh = historyOf(after, document);
    const added = fresh.filter((event) => !old.some((each) => same(each, event)));
    const gone = old.filter((event) => !fresh.some((each) => same(each, event)));
    if (added.length + gone.length === 0) return { trail: this.trail, causes: {} };
    const head = lastHead(this.trail);
    const trail = rewritten(this.trail, gone, added);
    const goesOn = gone.length === 0 && added.every((event) => !comesTooLate(head.state, event));
    return { trail, causes: goesOn ? causesOf(head, added) : this.differenceMade(head, lastHead(trail), document) };
  }

  private differenceMade(before: Head, after: Head, { asOfMs }: CustomerDocument): Readonly<Record<string, number>> {
    const at = Math.max(daysFromMs(asOfMs), before.state.asOf ?? 0, after.state.asOf ?? 0);
    const [was, is] = [standingAt(before, at), standingAt(after, at)];
    return contributions(was.components, is.components, DEFAULT_RULESET);
  }

  private tell(
    news: News,
    { asOfMs }: CustomerDocument,
    head: Head,
    causes: Readonly<Record<string, number>>,
    before: KnownPromise | undefined,
  ): LoyaltyEvent[] {
    const now = standingAt(head, daysFromMs(asOfMs));
    const announced = this.announced ?? announcedOfNewcomer();
    const corrects = this.correctedBy(news, before);
    const events = scoreEvents({
      customer: this.customer,
      announced,
      score: now.components.score,
      tier: now.tier,
      causes,
      cause: { eventId: news.eventId, type: news.eventType },
      ...(corrects === null ? {} : { corrects }),
      asOfMs,
    });
    if (events.length > 0) this.announced = { score: now.components.score, tier: now.tier };
    return events;
  }

  /** The announcement of a breach that is taken back. */
  private correctedBy(news: News, before: KnownPromise | undefined): string | null {
    if (news.kind !== 'promise' || news.verdict.outcome === 'breached') return null;
    if (before?.verdict?.outcome !== 'breached' || !before.broken) return null;
    return scoreEventIdOf('score-changed', this.customer, promiseEventIdOf(news.promiseId, before.broken.sequence));
  }

  private shorten(): void {
    this.document = summarise(this.document);
    this.trail = trailOf(this.document);
    this.promiseCount = Object.keys(this.document.promises).length;
  }
}

/** A customer of whom nothing is known has a score, the prior: the first move is told from there. */
function announcedOfNewcomer(): Announced {
  const { score } = componentsOf(NEWCOMER.state);
  return { score, tier: tierOf(score) };
}

/** Points of each cause over events that follow a head. */
function causesOf({ state }: Head, events: readonly ModelEvent[]): Record<string, number> {
  const causes: Record<string, number> = {};
  for (const event of events) {
    const explained = explainEvent(state, event);
    state = explained.state;
    for (const [cause, points] of Object.entries(explained.step.byEvent)) causes[cause] = (causes[cause] ?? 0) + points;
  }
  return causes;
}

function same(a: ModelEvent, b: ModelEvent): boolean {
  return a.id === b.id && JSON.stringify(a) === JSON.stringify(b);
}
