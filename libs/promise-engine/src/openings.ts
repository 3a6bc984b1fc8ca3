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
  // In the way of every fact: no sets, no copies where one guarantee and one promise are all there is.
  const names: string[] = [];
  for (const { guarantee } of promises) if (!names.includes(guarantee)) names.push(guarantee);
  for (const { type } of ordered)
    for (const name of namesByType.get(type) ?? NONE) if (!names.includes(name)) names.push(name);
  const openings: Opening[] = [];
  for (const name of names) {
    const records = names.length === 1 ? promises : promises.filter(({ guarantee }) => guarantee === name);
    openingsUnder(openings, versionsByName.get(name) ?? NONE_ACTIVE, name, ordered, records, terms);
  }
  return openings.length < 2 ? openings : firstOfFamilies(openings, promises);
}

const NONE: readonly string[] = [];
const NONE_ACTIVE: readonly Guarantee[] = [];

function openingsUnder(
  into: Opening[],
  active: readonly Guarantee[],
  name: string,
  ordered: readonly Fact[],
  records: readonly PromiseRecord[],
  terms: Terms,
): void {
  const any = records[0] ? terms.pinned(name, records[0].version, records[0].build) : (active.at(-1) ?? null);
  if (any === null) return;
  const facts = countedFacts(any, ordered, null, windowOf(records));
  const openings: Opening[] = [];
  for (const fact of facts) {
    const found = versionFor(name, active, fact, records, terms);
    if (found === null || openings.some(({ cycle }) => cycle === found.cycle)) continue;
    openings.push({ guarantee: found.guarantee, cycle: found.cycle, fact, spentMs: 0, notBeforeMs: 0 });
  }
  const [first] = openings;
  if (openings.length < 2 || first?.guarantee.opens.onReopen === 'each') into.push(...openings);
  else into.push(...walkCycles(openings, facts));
}

/** While any promise of the guarantee is without a verdict its openings may change; afterwards until the last window. */
function windowOf(records: readonly PromiseRecord[]): InstantMs | null {
  let endMs: InstantMs | null = null;
  for (const { windowEndMs } of records) {
    if (windowEndMs === null) return null;
    endMs = Math.max(endMs ?? 0, windowEndMs);
  }
  return endMs;
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

/** Cycles of reopenings are named by the event that began them, so that none depends on how many came before. */
function cycleOf({ opens }: Guarantee, fact: Fact): string {
  if (opens.cycle !== null) return opens.cycle.evaluate(fact);
  return opens.onReopen === 'continue' || opens.onReopen === 'new-cycle' ? fact.id : '';
}

/** A subject can have several promises of this guarantee in turn. */
export function hasCycles({ opens }: Guarantee): boolean {
  return opens.cycle !== null || opens.onReopen === 'continue' || opens.onReopen === 'new-cycle';
}

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
  readonly namesByType: ReadonlyMap<string, readonly string[]>;
  readonly versionsByName: ReadonlyMap<string, readonly Guarantee[]>;
}

const indexes = new WeakMap<readonly Guarantee[], Index>();

/** Which guarantees an event may open, known once for each set of terms. */
function indexOf(active: readonly Guarantee[]): Index {
  const known = indexes.get(active);
  if (known) return known;
  const namesByType = new Map<string, string[]>();
  const versionsByName = new Map<string, Guarantee[]>();
  for (const guarantee of active) {
    const { name, opens } = guarantee;
    const names = namesByType.get(opens.on) ?? [];
    if (!names.includes(name)) namesByType.set(opens.on, [...names, name]);
    versionsByName.set(name, [...(versionsByName.get(name) ?? []), guarantee]);
  }
  const index = { namesByType, versionsByName };
  indexes.set(active, index);
  return index;
}
