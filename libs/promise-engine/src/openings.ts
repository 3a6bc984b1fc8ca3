import { matches } from './judge.js';
import { guaranteeInForce, type Guarantee } from '#libs/guarantees';
import type { Fact, PromiseRecord } from './subject-state.js';
import type { Terms } from './terms.js';

/** A promise as its opening facts make it. */
export interface Opening {
  readonly guarantee: Guarantee;
  readonly cycle: string;
  readonly fact: Fact;
}

/** True when the fact opens a promise under this version. */
export function opensUnder(guarantee: Guarantee, fact: Fact): boolean {
  const { opens } = guarantee;
  return matches(opens, fact) && (opens.covers === null || opens.covers.evaluate(fact));
}

/**
 * The promises that a subject's facts open: for each guarantee and cycle the earliest opening. The version is the one
 * in force at the opening, pinned from then on.
 */
export function openingsOf(ordered: readonly Fact[], promises: readonly PromiseRecord[], terms: Terms): Opening[] {
  const openings: Opening[] = [];
  const names = new Set([...promises.map(({ guarantee }) => guarantee), ...terms.active.map(({ name }) => name)]);
  for (const name of names) {
    const seen = new Set<string>();
    for (const fact of ordered) {
      const guarantee = versionFor(name, fact, promises, terms);
      if (!guarantee || guarantee.opens.on !== fact.type || !opensUnder(guarantee, fact)) continue;
      const cycle = guarantee.opens.cycle?.evaluate(fact) ?? '';
      if (seen.has(cycle)) continue;
      seen.add(cycle);
      openings.push({ guarantee, cycle, fact });
    }
  }
  return openings;
}

function versionFor(name: string, fact: Fact, promises: readonly PromiseRecord[], terms: Terms): Guarantee | null {
  const pinned = promises.find(({ guarantee }) => guarantee === name);
  return pinned ? terms.pinned(name, pinned.version) : guaranteeInForce(terms.active, name, fact.occurredAtMs);
}
