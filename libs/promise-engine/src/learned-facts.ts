import type { Guarantee, PromiseView } from '#libs/guarantees';
import { matches } from './counted-facts.js';
import type { Fact } from './subject-state.js';

/** What a promise carries along: the facts named at its opening, and what was learned after it, the latest winning. */
export function factsOf(guarantee: Guarantee, counted: readonly Fact[], promise: PromiseView): Record<string, unknown> {
  const facts: Record<string, unknown> = {};
  for (const name in guarantee.opens.facts) facts[name] = guarantee.opens.facts[name]?.evaluate(promise.opening);
  const { learned } = guarantee.evidence;
  if (learned.length === 0) return facts;
  for (const fact of counted) {
    for (const pattern of learned) {
      if (!matches(pattern, fact, promise)) continue;
      for (const [name, expression] of Object.entries(pattern.facts)) facts[name] = expression.evaluate(fact, promise);
    }
  }
  return facts;
}
