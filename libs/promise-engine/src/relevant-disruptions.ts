import { UNMOVED, type Guarantee } from '#libs/guarantees';
import type { Question } from './judge.js';
import { factsOf } from './learned-facts.js';
import { customerOf, textsOf } from './promise-data.js';
import type { Fact } from './subject-state.js';
import type { Disruption } from './terms.js';

/** Its deadline and its liability follow declared disruptions. */
export function answersToDisruptions({ excuses }: Guarantee): boolean {
  return excuses.some(({ disruption, names }) => disruption || names !== null);
}

function warnsOfDisruptions({ warnings }: Guarantee): boolean {
  return warnings.some(({ point }) => 'disruption' in point);
}

/** Declared disruptions that count for a promise: told within its correction window, and its scope holds. */
export function relevantDisruptions(question: Question, counted: readonly Fact[]): readonly Disruption[] {
  const { terms, opening, windowEndMs } = question;
  const { guarantee, fact } = opening;
  if (terms.disruptions.length === 0 || !(answersToDisruptions(guarantee) || warnsOfDisruptions(guarantee)))
    return NONE;
  const isTold = (d: Disruption): boolean =>
    (windowEndMs === null || d.declaredAtMs <= windowEndMs) &&
    (d.withdrawnAtMs === null || (windowEndMs !== null && d.withdrawnAtMs > windowEndMs));
  // Those that end before the opening cannot reach it, whatever moves the due.
  const told = terms.disruptions.filter((d) => d.untilMs > fact.occurredAtMs && isTold(d));
  if (told.length === 0) return NONE;
  const dueAtMs = guarantee.due.compute(fact, UNMOVED)?.dueAtMs ?? fact.occurredAtMs;
  const promise = { opening: fact, openedAtMs: fact.occurredAtMs, dueAtMs };
  const view = {
    guarantee: guarantee.name,
    promiseType: guarantee.promiseType,
    subject: fact.subject,
    customer: customerOf(guarantee, fact),
    owner: guarantee.opens.owner?.evaluate(fact) ?? null,
    group: guarantee.opens.group?.evaluate(fact) ?? null,
    facts: factsOf(guarantee, counted, promise),
    refs: textsOf(guarantee.opens.refs, fact),
    openedAtMs: fact.occurredAtMs,
    dueAtMs,
  };
  return told.filter((d) => d.scope.matches(view));
}

const NONE: readonly Disruption[] = [];
