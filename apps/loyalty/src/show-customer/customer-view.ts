import { formatInstant, type InstantMs } from '#libs/kernel';
import {
  churnRiskOf,
  componentsOf,
  contributions,
  daysFromMs,
  msFromDays,
  nextGesture,
  segmentOf,
  wayBack,
  type PromiseKind,
} from '#libs/loyalty-model';
import type { ModelSettings } from '#libs/signals';
import { compensationOf, countsOf } from '../customer-document/counts.js';
import type { CustomerDocument } from '../customer-document/document.js';
import { newcomer, Trail, type Snapshot } from '../customer-document/history.js';
import { mayContact } from '../watch-customers/contact-rules.js';
import { NOTHING_SAID, type Watch } from '../watch-customers/watch.js';
import { historyOf, stepsOf, whyOf } from './changes.js';

export interface ShownCustomer {
  readonly customer: string;
  readonly document: CustomerDocument;
  readonly snapshots: readonly Snapshot[];
  readonly watch: Watch | null;
}

/**
 * A customer as of an instant, by what is known today: what happened later is left out. `parts` are points that add up, with
 * `baseline` (the score of a customer of whom nothing is known), to the score. Components are shares of 1. Counts and
 * compensation are those known today, whatever the instant.
 */
export function customerView(shown: ShownCustomer, asOfMs: InstantMs, settings: ModelSettings) {
  const { customer, document } = shown;
  const { rules } = settings;
  const asOf = daysFromMs(asOfMs);
  const trail = Trail.of(document, settings, shown.snapshots);
  const { state, components, tier } = trail.standingAt(asOf);
  const prior = componentsOf(newcomer(rules).state, rules);
  const { compensationMinor: _, ...promises } = countsOf(document);
  const { trust, debt, experience, behaviour, voice, relationship } = components;
  const steps = stepsOf(trail, asOf, rules);
  const orders = state.purchases.filter(({ refunded }) => !refunded).length;
  return {
    customer,
    score: components.score,
    tier,
    segment: segmentOf(components, rules),
    churnRisk: churnRiskOf(components, rules),
    risk: (shown.watch ?? NOTHING_SAID).risk.level,
    ...gestureOf(shown, trail, asOfMs, settings),
    asOf: formatInstant(asOfMs),
    knownUntil: formatInstant(document.asOfMs),
    ruleset: rules.ruleset,
    evidence: state.settledPromises + orders + state.voices.length,
    components: { trust, debt, experience, behaviour, voice, relationship },
    behaviour: components.behaviourParts,
    relationship: components.relationshipParts,
    baseline: prior.score,
    parts: Object.entries(contributions(prior, components, rules))
      .map(([part, points]) => ({ part, points }))
      .sort((a, b) => Math.abs(b.points) - Math.abs(a.points)),
    promises,
    compensation: compensationOf(countsOf(document)),
    expectation: expectationOf(state.expectedLateness, settings),
    wayBack: wayBack(state, rules).map(({ promiseId, points }) => ({
      promiseId,
      points,
      ...namesOf(document, promiseId),
    })),
    why: whyOf(document, steps),
    history: historyOf(steps),
    mergedFrom: document.mergedFrom,
  };
}

/** What would do good next, and whether the customer may be contacted for it now. */
function gestureOf({ document, watch }: ShownCustomer, trail: Trail, asOfMs: InstantMs, settings: ModelSettings) {
  const { state, components } = trail.standingAt(daysFromMs(asOfMs));
  const gesture = nextGesture(state, components, settings.rules);
  const pleasedAtMs = (watch ?? NOTHING_SAID).pleasedAtMs;
  const verdict = mayContact(gesture, document.profile, pleasedAtMs, asOfMs, settings.contact);
  const contact =
    verdict.kind === 'later' ? { allowed: 'later', from: formatInstant(verdict.atMs) } : { allowed: verdict.kind };
  return { nextGesture: gesture, contact };
}

/** How late (negative: how early) the customer has learnt to expect each type of promise to be kept. */
function expectationOf(learned: Readonly<Partial<Record<PromiseKind, number>>>, { toleranceMs }: ModelSettings) {
  const entries = Object.entries(learned) as [PromiseKind, number][];
  return Object.fromEntries(
    entries
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([kind, tolerances]) => [
        kind,
        { latenessTolerances: tolerances, latenessMs: Math.round(tolerances * toleranceMs[kind]) },
      ]),
  );
}

function namesOf(document: CustomerDocument, promiseId: string): { guarantee?: string; subject?: string } {
  const verdict = document.promises[promiseId]?.verdict;
  return verdict ? { guarantee: verdict.guarantee, subject: verdict.subject } : {};
}

/** The earliest instant of which anything can still be told: older history is summarised. */
export function earliestOf({ summary }: CustomerDocument): InstantMs {
  return summary ? msFromDays(summary.throughDay) : 0;
}
