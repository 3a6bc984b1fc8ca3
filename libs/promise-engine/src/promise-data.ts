import type { Evidence, Parties, PromiseEventData } from '#libs/contracts';
import { breachIdOf, formatInstant } from '#libs/kernel';
import type { Guarantee } from '#libs/guarantees';
import type { Fact, PromiseRecord } from './subject-state.js';
import { SKEW_TOLERANCE_MS, type Terms, type Told } from './terms.js';

/** Whom the promise was made to when the opening names nobody. */
export function customerOf(guarantee: Guarantee, opening: Fact): string {
  return guarantee.opens.customer?.evaluate(opening) ?? `anonymous:${opening.subject}`;
}

/** The whole verdict as announced: a function of the record, the judgement and the terms, and of nothing else. */
export function promiseData(record: PromiseRecord, told: Told, guarantee: Guarantee, terms: Terms): PromiseEventData {
  const { opening } = told;
  const { opens } = guarantee;
  const group = opens.group?.evaluate(opening) ?? null;
  const owner = opens.owner?.evaluate(opening) ?? null;
  return {
    promiseId: record.promiseId,
    sequence: record.sequence,
    guarantee: guarantee.name,
    guaranteeVersion: guarantee.version,
    mode: guarantee.mode,
    promiseType: guarantee.promiseType,
    subject: opening.subject,
    cycle: record.cycle,
    customer: record.customer,
    parties: partiesOf(guarantee, opening, record.customer),
    refs: textsOf(opens.refs, opening),
    ...(group === null ? {} : { group }),
    ...(owner === null ? {} : { owner }),
    state: record.state,
    verdict: record.verdict,
    openedAt: formatInstant(record.openedAtMs),
    dueAt: formatInstant(record.dueAtMs),
    ...(record.completedAtMs === null ? {} : { completedAt: formatInstant(record.completedAtMs) }),
    decidedAt: formatInstant(record.decidedAtMs),
    ...(told.latenessMs === null ? {} : { latenessMs: told.latenessMs }),
    ...(record.everBreached ? { breachId: breachIdOf(record.promiseId) } : {}),
    base: Object.fromEntries(
      Object.entries(opens.base).map(([name, expression]) => [name, expression.evaluate(opening)]),
    ),
    facts: Object.fromEntries(
      Object.entries(opens.facts).map(([name, expression]) => [name, expression.evaluate(opening)]),
    ),
    evidence: [opening, told.completion, told.cancellation].flatMap((fact) => (fact ? [evidenceOf(fact)] : [])),
    ...terms.explain(guarantee, told),
  };
}

function partiesOf(guarantee: Guarantee, opening: Fact, customer: string): Parties {
  const payer = guarantee.opens.payer?.evaluate(opening) ?? null;
  const recipient = guarantee.opens.recipient?.evaluate(opening) ?? null;
  return { customer, ...(payer === null ? {} : { payer }), ...(recipient === null ? {} : { recipient }) };
}

function textsOf(expressions: Guarantee['opens']['refs'], opening: Fact): Record<string, string> {
  const entries = Object.entries(expressions).map(
    ([name, expression]) => [name, expression.evaluate(opening)] as const,
  );
  return Object.fromEntries(entries.filter((entry): entry is readonly [string, string] => entry[1] !== null));
}

function evidenceOf(fact: Fact): Evidence {
  return {
    id: fact.id,
    source: fact.source,
    type: fact.type,
    occurredAt: formatInstant(fact.occurredAtMs),
    receivedAt: formatInstant(fact.receivedAtMs),
    ...(fact.claimedAtMs - fact.receivedAtMs > SKEW_TOLERANCE_MS ? { flag: 'CLOCK_SKEW' } : {}),
  };
}
