import { daysFromMs, wilsonBounds } from '#libs/loyalty-model';
import type { ModelSettings } from '#libs/signals';
import type { CustomerDocument, KnownPromise } from '../customer-document/document.js';
import { firstDueOf } from '../customer-document/model-events.js';
import type { ScannedCustomer } from './scan-customers.js';

/** Lateness in tolerances of the promise's type (for deliveries: days), from the band's start to the next one's. */
const BANDS: readonly (readonly [string, number])[] = [
  ['15 and more early', -Infinity],
  ['8 to 14 early', -15],
  ['4 to 7 early', -8],
  ['1 to 3 early', -4],
  ['on the day', -1],
  ['1 to 3 late', 0],
  ['4 to 7 late', 3],
  ['8 to 14 late', 7],
  ['15 and more late', 14],
];
const NEVER = 'never done';

const REPURCHASE_DAYS = 90;
const SCORE_AFTER_DAYS = 30;
const REVIEW_WITHIN_DAYS = 60;

/** What became of the customers of one band, remedy and arm. */
export interface RemedyCell {
  readonly guarantee: string;
  readonly band: string;
  readonly remedy: string;
  readonly arm: string | null;
  readonly promises: number;
  readonly reviews: number;
  /** Stars, 1 to 5; null without reviews. */
  readonly review: number | null;
  readonly oneStarShare: number | null;
  /** Score before the due, and 30 days after the end. */
  readonly scoreBefore: number;
  readonly scoreAfter: number;
  /** Of those seen for 90 days after the end: who bought again, with the 95 % interval. */
  readonly observed: number;
  readonly boughtAgainShare: number | null;
  readonly boughtAgainBounds: readonly [number, number];
}

interface Tally {
  promises: number;
  reviews: number;
  stars: number;
  oneStars: number;
  scoreBefore: number;
  scoreAfter: number;
  observed: number;
  boughtAgain: number;
}

/** Did making good do good? Collects customer by customer; the same customers give the same report in any order. */
export class RemedyReport {
  private readonly cells = new Map<string, Tally>();

  constructor(
    private readonly settings: ModelSettings,
    private readonly untilMs: number,
  ) {}

  add({ document, trail }: ScannedCustomer): void {
    for (const known of Object.values(document.promises)) {
      const { verdict } = known;
      if (!verdict || (verdict.outcome !== 'kept' && verdict.outcome !== 'breached')) continue;
      const dueAtMs = firstDueOf(known, verdict);
      const endMs = Math.max(dueAtMs, verdict.completedAtMs ?? dueAtMs);
      const band = bandOf(known, dueAtMs, this.settings);
      const key = JSON.stringify([verdict.guarantee, band, remedyOf(known, document), verdict.arm ?? null]);
      const tally = this.tallyOf(key);
      tally.promises += 1;
      tally.scoreBefore += trail.standingAt(daysFromMs(verdict.openedAtMs)).components.score;
      tally.scoreAfter += trail.standingAt(daysFromMs(endMs) + SCORE_AFTER_DAYS).components.score;
      const stars = starsBetween(document, verdict.openedAtMs, daysFromMs(endMs) + REVIEW_WITHIN_DAYS);
      if (stars !== null) {
        tally.reviews += 1;
        tally.stars += stars;
        tally.oneStars += stars <= 1 ? 1 : 0;
      }
      if (daysFromMs(endMs) + REPURCHASE_DAYS > daysFromMs(this.untilMs)) continue;
      tally.observed += 1;
      if (boughtBetween(document, endMs, daysFromMs(endMs) + REPURCHASE_DAYS)) tally.boughtAgain += 1;
    }
  }

  result(): RemedyCell[] {
    const rank = (band: string): number => [...BANDS.map(([name]) => name), NEVER].indexOf(band);
    return [...this.cells]
      .map(([key, tally]): RemedyCell => {
        const [guarantee, band, remedy, arm] = JSON.parse(key) as [string, string, string, string | null];
        return { guarantee, band, remedy, arm, ...figuresOf(tally) };
      })
      .sort(
        (a, b) =>
          compare(a.guarantee, b.guarantee) ||
          rank(a.band) - rank(b.band) ||
          compare(a.remedy, b.remedy) ||
          compare(a.arm ?? '', b.arm ?? ''),
      );
  }

  private tallyOf(key: string): Tally {
    let tally = this.cells.get(key);
    if (!tally) {
      tally = {
        promises: 0,
        reviews: 0,
        stars: 0,
        oneStars: 0,
        scoreBefore: 0,
        scoreAfter: 0,
        observed: 0,
        boughtAgain: 0,
      };
      this.cells.set(key, tally);
    }
    return tally;
  }
}

function figuresOf(tally: Tally): Omit<RemedyCell, 'guarantee' | 'band' | 'remedy' | 'arm'> {
  const { promises, reviews, stars, oneStars, observed, boughtAgain } = tally;
  return {
    promises,
    reviews,
    review: reviews === 0 ? null : stars / reviews,
    oneStarShare: reviews === 0 ? null : oneStars / reviews,
    scoreBefore: tally.scoreBefore / promises,
    scoreAfter: tally.scoreAfter / promises,
    observed,
    boughtAgainShare: observed === 0 ? null : boughtAgain / observed,
    boughtAgainBounds: wilsonBounds(boughtAgain, observed),
  };
}

function bandOf({ verdict }: KnownPromise, dueAtMs: number, { toleranceMs }: ModelSettings): string {
  if (!verdict) return NEVER;
  const doneAtMs = verdict.completedAtMs ?? (verdict.outcome === 'kept' ? verdict.dueAtMs : null);
  if (doneAtMs === null) return NEVER;
  const lateness = (doneAtMs - dueAtMs) / toleranceMs[verdict.promiseType];
  return BANDS.filter(([, above], i) => i === 0 || lateness > above).at(-1)?.[0] as string;
}

/** Kinds that were given and not taken back; `none` where a broken promise was not made good. */
function remedyOf({ verdict, lines }: KnownPromise, { settlements }: CustomerDocument): string {
  const given = Object.entries(lines).filter(
    ([lineId, { standing, requestedAtMs, kind }]) =>
      standing &&
      requestedAtMs !== null &&
      kind !== 'notice' &&
      (settlements[lineId]?.result ?? 'settled') === 'settled',
  );
  const kinds = [...new Set(given.map(([, { kind }]) => kind))].sort();
  if (kinds.length > 0) return kinds.join(' + ');
  return verdict?.outcome === 'breached' ? 'none' : '–';
}

/** The first review of that time; the day is what a review knows. */
function starsBetween({ signals }: CustomerDocument, fromMs: number, untilDay: number): number | null {
  let first: { readonly at: number; readonly value: number } | null = null;
  for (const { events } of Object.values(signals)) {
    for (const event of events) {
      if (event.type !== 'survey.answered' || event.kind !== 'review') continue;
      if (event.at < fromMs || daysFromMs(event.at) > untilDay) continue;
      if (!first || event.at < first.at) first = event;
    }
  }
  return first?.value ?? null;
}

function boughtBetween({ signals }: CustomerDocument, fromMs: number, untilDay: number): boolean {
  return Object.values(signals).some(({ events }) =>
    events.some(({ type, at }) => type === 'purchase.made' && at > fromMs && daysFromMs(at) <= untilDay),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
