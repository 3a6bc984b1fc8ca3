import { formatInstant, type InstantMs } from '#libs/kernel';
import {
  churnRiskOf,
  componentsOf,
  contributions,
  daysFromMs,
  DEFAULT_RULESET,
  msFromDays,
  nextGesture,
  segmentOf,
  wayBack,
  type PromiseKind,
} from '#libs/loyalty-model';
import { compensationOf, countsOf } from '../customer-document/counts.js';
import type { CustomerDocument } from '../customer-document/document.js';
import { headOf, NEWCOMER, standingAt } from '../customer-document/history.js';
import { TOLERANCE_MS } from '../customer-document/model-events.js';
import { historyOf, whyOf } from './changes.js';

/**
 * A customer as of an instant, by what is known today: what happened later is left out. `parts` are points that add up, with
 * `baseline` (the score of a customer of whom nothing is known), to the score. Components are shares of 1. Counts and
 * compensation are those known today, whatever the instant.
 */
export function customerView(customer: string, document: CustomerDocument, asOfMs: InstantMs) {
  const asOf = daysFromMs(asOfMs);
  const { state, components, tier } = standingAt(headOf(document, asOf), asOf);
  const newcomer = componentsOf(NEWCOMER.state);
  const { compensationMinor: _, ...promises } = countsOf(document);
  const { trust, debt, experience, behaviour, voice, relationship } = components;
  return {
    customer,
    score: components.score,
    tier,
    segment: segmentOf(components),
    churnRisk: churnRiskOf(components),
    nextGesture: nextGesture(state, components),
    asOf: formatInstant(asOfMs),
    knownUntil: formatInstant(document.asOfMs),
    ruleset: DEFAULT_RULESET.ruleset,
    evidence: state.settledPromises,
    components: { trust, debt, experience, behaviour, voice, relationship },
    baseline: newcomer.score,
    parts: Object.entries(contributions(newcomer, components, DEFAULT_RULESET))
      .map(([part, points]) => ({ part, points }))
      .sort((a, b) => Math.abs(b.points) - Math.abs(a.points)),
    promises,
    compensation: compensationOf(countsOf(document)),
    expectation: expectationOf(state.expectedLateness),
    wayBack: wayBack(state).map(({ promiseId, points }) => ({ promiseId, points, ...namesOf(document, promiseId) })),
    why: whyOf(document, asOf),
    history: historyOf(document, asOf),
  };
}

/** How late (negative: how early) the customer has learnt to expect each type of promise to be kept. */
function expectationOf(learned: Readonly<Partial<Record<PromiseKind, number>>>) {
  const entries = Object.entries(learned) as [PromiseKind, number][];
  return Object.fromEntries(
    entries
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([kind, tolerances]) => [
        kind,
        { latenessTolerances: tolerances, latenessMs: Math.round(tolerances * TOLERANCE_MS[kind]) },
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
