import { compareEvents, evolveTo, type Days, type LoyaltyState, type Ruleset } from '#libs/loyalty-model';
import type { ModelSettings } from '#libs/signals';
import { NO_COUNTS } from './counts.js';
import type { Counts, CustomerDocument, Summary } from './document.js';
import { foldedThrough } from './summarise.js';

/**
 * Takes over the summary of a customer who turned out to be this one. Folded pasts cannot be folded again as one: what adds
 * up is added, lists are united, and what happened to this customer up to the same day is folded too. Each summary counts
 * once. Customers below the bound of summarise.ts have none, and are joined exactly.
 */
export function inherited(
  document: CustomerDocument,
  from: string,
  summary: Summary,
  settings: ModelSettings,
): CustomerDocument {
  if (document.summary?.includes.includes(from)) return document;
  const throughDay = Math.max(summary.throughDay, document.summary?.throughDay ?? -Infinity);
  const own = foldedThrough(document, throughDay, settings);
  return {
    ...document,
    summary: {
      throughDay,
      state: united(own.state, summary.state, throughDay, settings.rules),
      tier: own.tier ?? summary.tier,
      counts: sumOf(own.counts, summary.counts),
      includes: [...new Set([...own.includes, ...summary.includes, from])].sort(),
    },
  };
}

function united(a: LoyaltyState, b: LoyaltyState, asOf: Days, rules: Ruleset): LoyaltyState {
  const mine = evolveTo(a, Math.max(asOf, a.asOf ?? asOf), rules);
  const theirs = evolveTo(b, Math.max(asOf, b.asOf ?? asOf), rules);
  const byTime = (times: readonly Days[]): Days[] => [...times].sort((x, y) => x - y);
  const last =
    [mine.last, theirs.last]
      .filter((position) => position !== null)
      .sort(compareEvents)
      .at(-1) ?? null;
  return {
    ...mine,
    since: leastOf(mine.since, theirs.since),
    last,
    satisfaction: mine.satisfaction + theirs.satisfaction,
    hype: Math.min(rules.expectation.hypeMost, mine.hype + theirs.hype),
    warmth: mine.warmth + theirs.warmth,
    referrals: mine.referrals + theirs.referrals,
    expectedLateness: { ...theirs.expectedLateness, ...mine.expectedLateness },
    ties: { ...theirs.ties, ...mine.ties },
    debts: unitedBy(mine.debts, theirs.debts, ({ promiseId }) => promiseId),
    notices: unitedBy(mine.notices, theirs.notices, ({ promiseId }) => promiseId),
    purchases: unitedBy(mine.purchases, theirs.purchases, ({ orderId }) => orderId),
    voices: unitedBy(mine.voices, theirs.voices, ({ about, id }) => `${about} ${id}`),
    contacts: byTime([...mine.contacts, ...theirs.contacts]),
    gestures: byTime([...mine.gestures, ...theirs.gestures]),
    apologies: byTime([...mine.apologies, ...theirs.apologies]),
    paradoxAt: mine.paradoxAt ?? theirs.paradoxAt,
    settledPromises: mine.settledPromises + theirs.settledPromises,
  };
}

function unitedBy<T>(mine: readonly T[], theirs: readonly T[], keyOf: (each: T) => string): T[] {
  return [...new Map([...theirs, ...mine].map((each) => [keyOf(each), each])).values()];
}

function leastOf(a: Days | null, b: Days | null): Days | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}

function sumOf(a: Counts, b: Counts): Counts {
  const compensationMinor = { ...a.compensationMinor };
  for (const [currency, minor] of Object.entries(b.compensationMinor))
    compensationMinor[currency] = (compensationMinor[currency] ?? 0) + minor;
  return {
    ...NO_COUNTS,
    kept: a.kept + b.kept,
    missed: a.missed + b.missed,
    excused: a.excused + b.excused,
    cancelled: a.cancelled + b.cancelled,
    compensationMinor,
  };
}
