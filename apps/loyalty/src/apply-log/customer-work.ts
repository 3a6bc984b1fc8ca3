import type { LoyaltyEvent } from '#libs/contracts';
import { promiseEventIdOf, type InstantMs } from '#libs/kernel';
import { componentsOf, daysFromMs, tierOf, type Ruleset, type Tier } from '#libs/loyalty-model';
import type { ModelSettings } from '#libs/signals';
import { causesBetween, differenceMade, type Causes } from '../announce-score/causes.js';
import { loyaltyEventIdOf, scoreEvents, type Announced, type Cause } from '../announce-score/score-events.js';
import { countsOf } from '../customer-document/counts.js';
import { changesBetween } from '../customer-document/changes-between.js';
import { EMPTY_DOCUMENT, type CustomerDocument } from '../customer-document/document.js';
import { newcomer, Trail, type Snapshot, type Standing } from '../customer-document/history.js';
import { inherited } from '../customer-document/inherit.js';
import { joined } from '../customer-document/join.js';
import type { News } from '../customer-document/news.js';
import { ENTRIES_MAX, entriesOf, summarise, withoutSummarised } from '../customer-document/summarise.js';
import { Silence } from '../told-before/silence.js';
import { recalledWatch, TICK, type Place, type ToldBefore } from '../told-before/told-before.js';
import { lookAfterLook, lookAfterNews } from '../watch-customers/next-look.js';
import { failuresIn, remarksOn } from '../watch-customers/remarks.js';
import { NOTHING_SAID, type Watch } from '../watch-customers/watch.js';

/** A customer as stored. */
export interface StoredCustomer {
  readonly document: CustomerDocument;
  /** null: nothing was told of the customer yet. */
  readonly announced: Announced | null;
  readonly snapshots: readonly Snapshot[];
  readonly watch: Watch;
  /** When passing time is next looked at. */
  readonly lookAtMs: InstantMs;
}

export interface WorkedCustomer extends StoredCustomer {
  readonly standing: Standing;
  /** False: neither what is known nor the score last told is new. */
  readonly learned: boolean;
  readonly watchChanged: boolean;
}

/** One customer during one batch: learns what the records tell, in their order, and says what is to be told. */
export class CustomerWork {
  private document: CustomerDocument;
  private announced: Announced | null;
  private trail: Trail;
  private watch: Watch;
  private lookAtMs: InstantMs;
  private readonly storedWatch: Watch;
  private readonly storedLookAtMs: InstantMs;
  private learned = false;
  private looked = false;
  readonly silence: Silence;
  private readonly isStored: boolean;
  private readonly storedAnnounced: Announced | null;

  constructor(
    private readonly customer: string,
    stored: StoredCustomer | null,
    private readonly settings: ModelSettings,
    toldBefore: ToldBefore | null = null,
  ) {
    this.silence = new Silence(toldBefore);
    this.isStored = stored !== null;
    this.storedAnnounced = stored?.announced ?? null;
    this.document = stored?.document ?? EMPTY_DOCUMENT;
    this.announced = stored?.announced ?? null;
    this.watch = stored?.watch ?? NOTHING_SAID;
    this.lookAtMs = stored?.lookAtMs ?? 0;
    this.storedWatch = this.watch;
    this.storedLookAtMs = this.lookAtMs;
    this.trail = Trail.of(this.document, settings, stored?.snapshots);
  }

  /** The customer was erased then: what happened before is not taken in again. */
  forget(erasedAtMs: InstantMs): void {
    this.document = { ...this.document, erasedAtMs };
  }

  /** All that is known now. */
  get known(): CustomerDocument {
    return this.document;
  }

  /** Takes in news that stand at `place`; answers the events to be published for them. */
  take(news: News, place: Place): LoyaltyEvent[] {
    this.resume(place);
    const told = this.learn(news);
    this.lookAtMs = this.silence.hear(place) ?? this.lookAtMs;
    return told;
  }

  private learn(news: News): LoyaltyEvent[] {
    const before = this.document;
    if (news.part.asOfMs <= (before.erasedAtMs ?? -Infinity)) return [];
    const part = withoutSummarised(before, news.part, this.settings);
    let after = joined(before, part);
    const from = news.via?.at(-1);
    if (from !== undefined && news.part.summary) after = inherited(after, from, news.part.summary, this.settings);
    if (after === before) return [];
    this.document = after;
    this.learned = true;
    const told = this.follow(before, part, news);
    if (entriesOf(this.document) > ENTRIES_MAX) this.shorten();
    return told;
  }

  /** Looks at the customer as time has passed; the score is not touched by it. */
  look(atMs: InstantMs, tickId: string, offset: number): LoyaltyEvent[] {
    if (this.lookAtMs > atMs) return [];
    this.looked = true;
    const place = { from: TICK, offset };
    const resumed = this.resume(place);
    if (this.silence.holds) {
      this.lookAtMs = Math.max(this.silence.hear(place) ?? Number.MAX_SAFE_INTEGER, atMs + 1);
      return [];
    }
    const cause = { eventId: tickId, type: 'makegood.tick' };
    const nowMs = Math.max(atMs, this.document.asOfMs);
    const before = this.announced ?? this.announcedOfNewcomer();
    const remarks = remarksOn(
      {
        customer: this.customer,
        trail: this.trail,
        atMs: nowMs,
        cause,
        before,
        profile: this.document.profile,
        byTime: true,
      },
      this.watch,
      this.settings,
    );
    const sinceMs = resumed?.asOfMs ?? this.seenAtMs();
    const told =
      resumed !== null || this.movedByTime(nowMs, before.tier)
        ? this.tell(nowMs, cause, () => this.passedCauses(sinceMs, nowMs), null)
        : [];
    this.watch = { ...remarks.watch, seenAtMs: nowMs };
    this.lookAtMs = lookAfterLook(this.trail, nowMs, remarks.waitingMs, this.settings.rules);
    return [...told, ...remarks.events];
  }

  /** The customer turned out to be another: the book is closed, and what it held goes there. */
  close(into: string, atMs: InstantMs): CustomerDocument {
    const held = this.document;
    const { asOfMs } = held;
    this.document = { ...EMPTY_DOCUMENT, asOfMs: Math.max(asOfMs, atMs), mergedInto: { customer: into, atMs } };
    this.trail = Trail.of(this.document, this.settings);
    this.learned = true;
    this.lookAtMs = Number.MAX_SAFE_INTEGER;
    this.silence.end();
    return held;
  }

  /** What may stay of a customer who is erased: figures that say nothing of the person. */
  figures() {
    const { components, tier } = this.trail.standingAt(daysFromMs(this.document.asOfMs));
    return { ...countsOf(this.document), score: components.score, tier, asOfMs: this.document.asOfMs };
  }

  /** The customer to be stored; null when nothing was new. */
  result(): WorkedCustomer | null {
    const saysAnew = this.announced !== this.storedAnnounced;
    const watchChanged = this.looked || this.watch !== this.storedWatch || this.lookAtMs !== this.storedLookAtMs;
    if (!this.learned && !(this.isStored && (saysAnew || watchChanged))) return null;
    const asOf = daysFromMs(this.document.asOfMs);
    return {
      document: this.document,
      announced: this.announced,
      snapshots: this.trail.snapshotsAt(asOf, this.settings),
      watch: this.watch,
      lookAtMs: this.lookAtMs,
      standing: this.trail.standingAt(asOf),
      learned: this.learned || saysAnew,
      watchChanged: watchChanged || !this.isStored,
    };
  }

  /** The new history, and what is to be said of it. */
  private follow(before: CustomerDocument, part: CustomerDocument, news: News): LoyaltyEvent[] {
    const { document, settings } = this;
    const oldTrail = this.trail;
    const seen = oldTrail.countAt(daysFromMs(before.asOfMs));
    let unchanged = 0;
    if (document.summary === before.summary) {
      const { gone, added } = changesBetween(before, document, part, settings);
      ({ trail: this.trail, unchanged } = oldTrail.rewritten(gone, added));
    } else this.trail = Trail.of(document, settings);
    // Whose history is another's has nothing said of it; nor has who is being read again.
    if (document.mergedInto || this.silence.holds) return [];
    const atMs = document.asOfMs;
    const asOf = daysFromMs(atMs);
    const goesOn = unchanged >= seen;
    if (goesOn && this.trail.countAt(asOf) === seen) return []; // nothing that the model is told
    const causes = () =>
      goesOn
        ? causesBetween(this.trail, seen, asOf, settings.rules)
        : differenceMade(oldTrail, this.trail, asOf, settings.rules);
    const { eventId, eventType: type, toldBy } = news;
    const cause: Cause = { eventId, type, ...(toldBy === undefined ? {} : { toldBy }) };
    const corrects = this.correctedBy(news, before) ?? (goesOn ? null : (this.announced?.eventId ?? null));
    const earlier = this.announced ?? this.announcedOfNewcomer();
    const told = this.tell(atMs, cause, causes, corrects);
    const { customer, trail } = this;
    const occasion = { customer, trail, atMs, cause, before: earlier, profile: document.profile, byTime: false };
    const remarks = remarksOn(occasion, this.watch, settings);
    this.watch = remarks.watch;
    const nextLookMs = lookAfterNews(trail, atMs, remarks.waitingMs);
    if (this.lookAtMs <= atMs || nextLookMs < this.lookAtMs) this.lookAtMs = nextLookMs;
    return [...told, ...remarks.events];
  }

  private tell(atMs: InstantMs, cause: Cause, causes: () => Causes, corrects: string | null): LoyaltyEvent[] {
    const { components, tier } = this.trail.standingAt(daysFromMs(atMs));
    const events = scoreEvents({
      customer: this.customer,
      announced: this.announced ?? this.announcedOfNewcomer(),
      score: components.score,
      tier,
      causes,
      cause,
      ...(corrects === null ? {} : { corrects }),
      asOfMs: atMs,
      ruleset: this.settings.rules.ruleset,
    });
    const [first] = events;
    if (first) this.announced = { score: components.score, tier, eventId: first.id };
    return events;
  }

  /** A deadline passed, or the tier: what only fades is told with the next news. */
  private movedByTime(nowMs: InstantMs, tier: Tier): boolean {
    const now = daysFromMs(nowMs);
    if (this.trail.countAt(now) > this.trail.countAt(daysFromMs(this.seenAtMs()))) return true;
    return this.trail.standingAt(now).tier !== tier;
  }

  private passedCauses(sinceMs: InstantMs, nowMs: InstantMs): Causes {
    const seen = this.trail.countAt(daysFromMs(sinceMs));
    return causesBetween(this.trail, seen, daysFromMs(nowMs), this.settings.rules);
  }

  /** What was told before is taken for told, and speech goes on. */
  private resume(place: Place): ToldBefore | null {
    const told = this.silence.endBefore(place);
    if (!told) return null;
    const { state } = this.trail.standingAt(daysFromMs(told.asOfMs));
    this.announced = told.announced ?? this.announced;
    this.watch = recalledWatch(this.watch, told, failuresIn(state));
    return told;
  }

  private seenAtMs(): InstantMs {
    return Math.max(this.document.asOfMs, this.watch.seenAtMs);
  }

  /** The announcement of a breach that is taken back. */
  private correctedBy({ verdict }: News, before: CustomerDocument): string | null {
    if (!verdict || verdict.outcome === 'breached') return null;
    const known = before.promises[verdict.promiseId];
    if (known?.verdict?.outcome !== 'breached' || !known.broken) return null;
    const cause = promiseEventIdOf(verdict.promiseId, known.broken.sequence);
    return loyaltyEventIdOf('score-changed', this.customer, cause, this.settings.rules.ruleset);
  }

  private shorten(): void {
    this.document = summarise(this.document, this.settings);
    this.trail = Trail.of(this.document, this.settings);
  }

  /** A customer of whom nothing is known has a score, the prior: the first move is told from there. */
  private announcedOfNewcomer(): Announced {
    const { rules } = this.settings;
    const known = newcomers.get(rules);
    if (known) return known;
    const { score } = componentsOf(newcomer(rules).state, rules);
    const announced = { score, tier: tierOf(score, null, rules), eventId: null };
    newcomers.set(rules, announced);
    return announced;
  }
}

const newcomers = new WeakMap<Ruleset, Announced>();
