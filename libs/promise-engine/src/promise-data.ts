import type { Evidence, Parties, PromiseEventData } from '#libs/contracts';
import { breachIdOf, formatInstant } from '#libs/kernel';
import type { Guarantee, Warning } from '#libs/guarantees';
import { factsOf } from './learned-facts.js';
import type { Opening } from './openings.js';
import type { Pause } from './pauses.js';
import type { Fact, PromiseRecord } from './subject-state.js';
import type { Step } from './transitions.js';
import { SKEW_TOLERANCE_MS, type Terms, type Told } from './terms.js';

/** Whom the promise was made to when the opening names nobody. */
export function customerOf(guarantee: Guarantee, opening: Fact): string {
  return guarantee.opens.customer?.evaluate(opening) ?? `anonymous:${opening.subject}`;
}

/** The whole verdict as announced: a function of the record, the judgement, the step and the terms, of nothing else. */
export function promiseData(
  record: PromiseRecord,
  told: Told,
  { guarantee, fact: opening }: Opening,
  terms: Terms,
  step: Pick<Step, 'warning' | 'reason'> | null,
): PromiseEventData {
  const { opens } = guarantee;
  const group = opens.group?.evaluate(opening) ?? null;
  const promise = { opening, openedAtMs: told.openedAtMs, dueAtMs: told.dueAtMs };
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
    ...(record.owner === null ? {} : { owner: record.owner }),
    state: record.state,
    verdict: record.verdict,
    openedAt: formatInstant(record.openedAtMs),
    dueAt: formatInstant(record.dueAtMs),
    ...(record.completedAtMs === null ? {} : { completedAt: formatInstant(record.completedAtMs) }),
    decidedAt: formatInstant(record.decidedAtMs),
    ...(told.latenessMs === null ? {} : { latenessMs: told.latenessMs }),
    ...(record.everBreached ? { breachId: breachIdOf(record.promiseId) } : {}),
    ...detailsOf(record, told, guarantee),
    ...(step?.warning === undefined ? {} : { warning: warningOf(step.warning) }),
    ...(step?.reason === undefined ? {} : { reason: step.reason }),
    base: Object.fromEntries(
      Object.entries(opens.base).map(([name, expression]) => [name, expression.evaluate(opening)]),
    ),
    facts: factsOf(guarantee, told.counted, promise),
    evidence: [opening, told.completion, told.failure, told.cancellation, told.excuse?.fact, told.decision].flatMap(
      (fact) => (fact ? [evidenceOf(fact)] : []),
    ),
    ...terms.explain(guarantee, told),
  };
}

/** What only some promises have: bands, excuses, failures, pieces, re-promises, pauses, flags. */
function detailsOf(record: PromiseRecord, told: Told, guarantee: Guarantee): Partial<PromiseEventData> {
  const { deadline, excuse, failure, cancellation, pieces, opening } = told;
  const isOpenBreach = record.verdict === 'breached' && record.completedAtMs === null;
  const bands = guarantee.bands;
  const late = opening.receivedAtMs - opening.occurredAtMs;
  return {
    ...(isOpenBreach && bands.length > 0
      ? { band: String(record.band), lateSoFarMs: (bands[record.band - 1] ?? 0) + 1 }
      : {}),
    ...(excuse === null || record.verdict !== 'excused' ? {} : { excuse: excuse.code }),
    ...(excuse?.disruption && record.verdict === 'excused' ? { disruption: excuse.disruption.id } : {}),
    ...(failure === null ? {} : { failedAt: formatInstant(failure.occurredAtMs) }),
    ...(cancellation === null ? {} : { cancelledAt: formatInstant(cancellation.occurredAtMs) }),
    ...(pieces === null ? {} : { pieces }),
    ...(deadline.repromises.length === 0 ? {} : { firstDueAt: formatInstant(deadline.firstDueAtMs) }),
    ...(deadline.pauses.length === 0 ? {} : { pauses: deadline.pauses.slice(0, PAUSES_TOLD_MAX).map(pauseOf) }),
    ...(guarantee.openWithinMs !== null && late > guarantee.openWithinMs ? { flags: ['OPENED_TOO_LATE'] } : {}),
  };
}

/** More pauses than this are counted by the clock, and not told one by one. */
const PAUSES_TOLD_MAX = 20;

function pauseOf({ fromMs, untilMs, isOpen, reason }: Pause): NonNullable<PromiseEventData['pauses']>[number] {
  return { from: formatInstant(fromMs), ...(isOpen ? {} : { until: formatInstant(untilMs) }), reason };
}

function warningOf({ id, tell }: Warning): NonNullable<PromiseEventData['warning']> {
  return { id, ...(tell === null ? {} : { tell }) };
}

function partiesOf(guarantee: Guarantee, opening: Fact, customer: string): Parties {
  const payer = guarantee.opens.payer?.evaluate(opening) ?? null;
  const recipient = guarantee.opens.recipient?.evaluate(opening) ?? null;
  return { customer, ...(payer === null ? {} : { payer }), ...(recipient === null ? {} : { recipient }) };
}

export function textsOf(expressions: Guarantee['opens']['refs'], opening: Fact): Record<string, string> {
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
