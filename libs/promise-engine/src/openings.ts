import { guaranteeInForce, type Guarantee } from '#libs/guarantees';
import type { InstantMs } from '#libs/kernel';
import { countedFacts, matches } from './counted-facts.js';
import { walkCycles } from './cycles.js';
import type { Fact, PromiseRecord } from './subject-state.js';
import type { Terms } from './terms.js';

/** A promise as its opening facts make it. */
export interface Opening {
  readonly guarantee: Guarantee;
  readonly cycle: string;
  readonly fact: Fact;
  /** Clock used up in the cycles that it continues. */
  readonly spentMs: number;
  /** It is opened only once this instant has passed, for a reopening that may turn out to be none. */
  readonly notBeforeMs: InstantMs;
}

/** True when the fact opens a promise under this version. */
export function opensUnder(guarantee: Guarantee, fact: Fact): boolean {
  const { opens } = guarantee;
  return matches(opens, fact) && (opens.covers === null || opens.covers.evaluate(fact));
}

/**
 * The promises that a subject's facts open: for each guarantee and cycle the earliest opening, in order. The version is
 * the one in force at the opening, pinned from then on.
 */
export function openingsOf(ordered: readonly Fact[], promises: readonly PromiseRecord[], terms: Terms): Opening[] {
  const { namesByType, versionsByName } = indexOf(terms.active);
  const names = new Set(promises.map(({ guarantee }) => guarantee));
  for (const { type } of ordered) for (const name of namesByType.get(type) ?? []) names.add(name);
  const openings: Opening[] = [];
  for (const name of names) {
    const records = promises.filter(({ guarantee }) => guarantee === name);
    openings.push(...openingsUnder(versionsByName.get(name) ?? [], name, ordered, records, terms));
  }
  return openings.length < 2 ? openings : firstOfFamilies(openings, promises);
}

function openingsUnder(
  active: readonly Guarantee[],
  name: string,
  ordered: readonly Fact[],
  records: readonly PromiseRecord[],
  terms: Terms,
): Opening[] {
  const any = records[0] ? terms.pinned(name, records[0].version, records[0].build) : (active.at(-1) ?? null);
  if (any === null) return [];
  const openings: Opening[] = [];
  const seen = new Set<string>();
  const facts = countedFacts(any, ordered, null, windowOf(records));
  for (const fact of facts) {
    const found = versionFor(name, active, fact, records, terms);
    if (found === null || seen.has(found.cycle)) continue;
    seen.add(found.cycle);
    openings.push({ ...found, fact, spentMs: 0, notBeforeMs: 0 });
  }
  return openings.length > 1 && openings[0]?.guarantee.opens.onReopen !== 'each'
    ? walkCycles(openings, facts)
    : openings;
}

/** While any promise of the guarantee is without a verdict its openings may change; afterwards until the last window. */
function windowOf(records: readonly PromiseRecord[]): InstantMs | null {
  if (records.length === 0 || records.some(({ windowEndMs }) => windowEndMs === null)) return null;
  return Math.max(...records.map(({ windowEndMs }) => windowEndMs as InstantMs));
}

function versionFor(
  name: string,
  active: readonly Guarantee[],
  fact: Fact,
  records: readonly PromiseRecord[],
  terms: Terms,
): { guarantee: Guarantee; cycle: string } | null {
  for (const record of records) {
    const pinned = terms.pinned(name, record.version, record.build);
    if (pinned === null || pinned.opens.on !== fact.type || !opensUnder(pinned, fact)) continue;
    if (cycleOf(pinned, fact) === record.cycle) return { guarantee: pinned, cycle: record.cycle };
  }
  const guarantee = active.length === 0 ? null : guaranteeInForce(active, name, fact.occurredAtMs);
  if (guarantee === null || guarantee.opens.on !== fact.type || !opensUnder(guarantee, fact)) return null;
  const cycle = cycleOf(guarantee, fact);
  // A promise of this cycle stands under another version, which does not take this fact for its opening.
  return records.some((record) => record.cycle === cycle) ? null : { guarantee, cycle };
}

const cycleOf = (guarantee: Guarantee, fact: Fact): string => guarantee.opens.cycle?.evaluate(fact) ?? '';

/** Of a family that chooses the first, an opening fact opens a promise under the guarantee of least rank only. */
function firstOfFamilies(openings: readonly Opening[], promises: readonly PromiseRecord[]): Opening[] {
  const isKnown = ({ guarantee, cycle }: Opening): boolean =>
    promises.some((record) => record.guarantee === guarantee.name && record.cycle === cycle);
  return openings.filter((opening) => {
    const { family } = opening.guarantee;
    if (family.choose === 'all' || isKnown(opening)) return true;
    return !openings.some(
      ({ guarantee, fact }) =>
        guarantee !== opening.guarantee &&
        fact === opening.fact &&
        guarantee.family.name === family.name &&
        (guarantee.family.rank < family.rank ||
          (guarantee.family.rank === family.rank && guarantee.name < opening.guarantee.name)),
    );
  });
}

interface Index {
  readonly namesByType: ReadonlyMap<string, ReadonlySet<string>>;
  readonly versionsByName: ReadonlyMap<string, readonly Guarantee[]>;
}

const indexes = new WeakMap<readonly Guarantee[], Index>();

/** Which guarantees an event may open, known once for each set of terms. */
function indexOf(active: readonly Guarantee[]): Index {
  const known = indexes.get(active);
  if (known) return known;
  const namesByType = new Map<string, Set<string>>();
  const versionsByName = new Map<string, Guarantee[]>();
  for (const guarantee of active) {
    const { name, opens } = guarantee;
    namesByType.set(opens.on, (namesByType.get(opens.on) ?? new Set()).add(name));
    versionsByName.set(name, [...(versionsByName.get(name) ?? []), guarantee]);
  }
  const index = { namesByType, versionsByName };
  indexes.set(active, index);
  return index;
}
