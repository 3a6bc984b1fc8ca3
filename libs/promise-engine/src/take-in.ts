import { FUTURE_FACT_MS_MAX, type InstantMs } from '#libs/kernel';
import { FACTS_PER_SUBJECT_MAX } from './terms.js';
import type { Fact, SubjectState } from './subject-state.js';

export type Intake =
  | { readonly kind: 'new'; readonly state: SubjectState }
  | { readonly kind: 'repeated' }
  | { readonly kind: 'refused'; readonly reason: 'CONFLICTING_DUPLICATE' | 'TOO_MANY_FACTS'; readonly detail: string };

/** When a fact counts as having occurred, or null when it claims a time too far ahead of its receipt. */
export function effectiveTimeMs(claimedAtMs: InstantMs, receivedAtMs: InstantMs): InstantMs | null {
  if (claimedAtMs - receivedAtMs > FUTURE_FACT_MS_MAX) return null;
  return Math.min(claimedAtMs, receivedAtMs);
}

/**
 * Adds a fact to what is known of its subject. (source, id) is its identity: the same again is a repetition, with
 * other content a conflict. A higher revision is the source's correction of itself; the fact that it takes back stays,
 * since a correction may come too late to count.
 */
export function takeIn(state: SubjectState, fact: Fact): Intake {
  for (const known of state.facts) {
    if (known.id !== fact.id || known.source !== fact.source || known.revision < fact.revision) continue;
    if (known.revision > fact.revision) return { kind: 'repeated' };
    const isSame =
      known.type === fact.type && known.claimedAtMs === fact.claimedAtMs && sameJson(known.data, fact.data);
    if (isSame) return { kind: 'repeated' };
    const detail = `event ${fact.id} of this source was received before with other content`;
    return { kind: 'refused', reason: 'CONFLICTING_DUPLICATE', detail };
  }
  if (state.facts.length < FACTS_PER_SUBJECT_MAX)
    return { kind: 'new', state: { ...state, facts: state.facts.length === 0 ? [fact] : [...state.facts, fact] } };
  const detail = `more than ${FACTS_PER_SUBJECT_MAX} facts on one subject`;
  return { kind: 'refused', reason: 'TOO_MANY_FACTS', detail };
}

/** Equality of JSON values, which is equality of their canonical form (RFC 8785) without writing it. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (Object.is(a, b) || (a === 0 && b === 0)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length && keys.every((key) => key in right && sameJson(left[key], right[key]))
  );
}
