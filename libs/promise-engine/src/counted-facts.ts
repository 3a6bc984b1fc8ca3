import type { FactPattern, Guarantee, PromiseView } from '#libs/guarantees';
import type { InstantMs } from '#libs/kernel';
import { BY_HAND_TYPE, saidByHand } from './by-hand.js';
import type { Fact } from './subject-state.js';

/** True when the fact tells what the pattern names. */
export function matches(pattern: FactPattern, fact: Fact, promise?: PromiseView): boolean {
  return pattern.on === fact.type && (pattern.when === null || pattern.when.evaluate(fact, promise));
}

export function matchesAny(patterns: readonly FactPattern[], fact: Fact, promise?: PromiseView): boolean {
  for (const pattern of patterns) if (matches(pattern, fact, promise)) return true;
  return false;
}

/**
 * The facts that count for a promise, in order: received within the window, of each event its highest revision, without
 * those taken back. A revocation cannot be revoked; one that came before what it takes back waits for it here.
 * @param promiseId null: for the openings of a guarantee, where what was said of single promises does not count.
 */
export function countedFacts(
  guarantee: Guarantee,
  ordered: readonly Fact[],
  promiseId: string | null,
  windowEndMs: InstantMs | null,
): readonly Fact[] {
  const { revoked } = guarantee.evidence;
  const isPlain = windowEndMs === null && revoked.length === 0 && !ordered.some(needsCare);
  if (isPlain) return ordered;
  const inWindow = windowEndMs === null ? ordered : ordered.filter((fact) => fact.receivedAtMs <= windowEndMs);
  const newest = inWindow.some(({ revision }) => revision > 0) ? highestRevisions(inWindow) : inWindow;
  const isRevocation = (fact: Fact): boolean =>
    matchesAny(revoked, fact) || (promiseId !== null && saidByHand(fact, promiseId) === 'revoked');
  const revocations = newest.filter(isRevocation);
  if (revocations.length === 0) return newest;
  const gone = new Set(
    revocations.flatMap((fact) => {
      if (fact.type === BY_HAND_TYPE) return newest.filter(({ id }) => id === fact.data['of']);
      return revoked
        .filter((pattern) => matches(pattern, fact))
        .flatMap((pattern) => {
          const of = pattern.of.evaluate(fact);
          return newest.filter(({ source, id }) => source === fact.source && id === of);
        });
    }),
  );
  return newest.filter((fact) => !gone.has(fact) || isRevocation(fact));
}

const needsCare = ({ revision, type }: Fact): boolean => revision > 0 || type === BY_HAND_TYPE;

function highestRevisions(ordered: readonly Fact[]): Fact[] {
  const highest = new Map<string, number>();
  const key = ({ source, id }: Fact): string => `${source}\n${id}`;
  for (const fact of ordered) highest.set(key(fact), Math.max(fact.revision, highest.get(key(fact)) ?? 0));
  return ordered.filter((fact) => fact.revision === highest.get(key(fact)));
}
