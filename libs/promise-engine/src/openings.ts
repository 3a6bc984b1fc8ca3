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
export function openingsOf(
  ordered: readonly Fact[],
  promises: readonly PromiseRecord[],
  terms: Terms,
): readonly Opening[] {
  const names = namesOf(ordered, promises, terms);
  const [only] = names;
  if (only === undefined) return NO_OPENINGS;
  if (names.length === 1) return openingsUnder(only, ordered, promises, terms);
  const openings = names.flatMap((name) =>
    openingsUnder(
      name,
      ordered,
      promises.filter(({ guarantee }) => guarantee === name),
      terms,
    ),
  );
  return openings.length < 2 ? openings : firstOfFamilies(openings, promises);
}

const NO_OPENINGS: readonly Opening[] = [];
const NO_NAMES: readonly string[] = [];
const NONE_ACTIVE: readonly Guarantee[] = [];

/** Guarantees that have a promise of the subject, or that one of its facts may open. */
function namesOf(ordered: readonly Fact[], promises: readonly PromiseRecord[], terms: Terms): readonly string[] {
  const { namesByType } = indexOf(terms.active);
  // In the way of every fact: nothing is copied where one guarantee is all there is.
  let names = NO_NAMES;
  for (const { guarantee } of promises)
    if (!names.includes(guarantee)) names = names.length === 0 ? [guarantee] : [...names, guarantee];
  for (const { type } of ordered)
    for (const name of namesByType.get(type) ?? NO_NAMES)
      if (!names.includes(name)) names = names.length === 0 ? [name] : [...names, name];
  return names;
}

/** @param records the subject's promises of this guarantee */
function openingsUnder(
  name: string,
  ordered: readonly Fact[],
  records: readonly PromiseRecord[],
  terms: Terms,
): readonly Opening[] {
  const active = indexOf(terms.active).versionsByName.get(name) ?? NONE_ACTIVE;
  const any = records[0] ? terms.pinned(name, records[0].version, records[0].build) : (active.at(-1) ?? null);
  if (any === null) return NO_OPENINGS;
  const facts = countedFacts(any, ordered, null, windowOf(records));
  let openings: Opening[] | null = null;
  for (const fact of facts) {
    const opening = openingBy(fact, name, active, records, terms);
    if (opening === null) continue;
    if (openings === null) openings = [opening];
    else if (!openings.some(({ cycle }) => cycle === opening.cycle)) openings.push(opening);
  }
  if (openings === null) return NO_OPENINGS;
  return openings.length < 2 || openings[0]?.guarantee.opens.onReopen === 'each'
    ? openings
    : walkCycles(openings, facts);
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

/** What the fact opens: under the version that its promise is pinned to, or the one in force when it occurred. */
function openingBy(
  fact: Fact,
  name: string,
  active: readonly Guarantee[],
  records: readonly PromiseRecord[],
  terms: Terms,
): Opening | null {
  for (const record of records) {
    const pinned = terms.pinned(name, record.version, record.build);
    if (pinned === null || pinned.opens.on !== fact.type || !opensUnder(pinned, fact)) continue;
    if (cycleOf(pinned, fact) === record.cycle) return openingOf(pinned, record.cycle, fact);
  }
  const guarantee = active.length === 0 ? null : guaranteeInForce(active, name, fact.occurredAtMs);
  if (guarantee === null || guarantee.opens.on !== fact.type || !opensUnder(guarantee, fact)) return null;
  const cycle = cycleOf(guarantee, fact);
  // A promise of this cycle stands under another version, which does not take this fact for its opening.
  return records.some((record) => record.cycle === cycle) ? null : openingOf(guarantee, cycle, fact);
}

function openingOf(guarantee: Guarantee, cycle: string, fact: Fact): Opening {
  return { guarantee, cycle, fact, spentMs: 0, notBeforeMs: 0 };
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
