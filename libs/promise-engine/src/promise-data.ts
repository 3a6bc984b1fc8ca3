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

/** The event's data while it is written: fields in the order in which they are read. */
type Draft = { -readonly [K in keyof PromiseEventData]: PromiseEventData[K] };

/** The whole verdict as announced: a function of the record, the judgement, the step and the terms, of nothing else. */
export function promiseData(
  record: PromiseRecord,
  told: Told,
  { guarantee, fact: opening }: Opening,
  terms: Terms,
  step: Pick<Step, 'warning' | 'disruption' | 'reason'> | null,
): PromiseEventData {
  const { opens } = guarantee;
  const promise = { opening, openedAtMs: told.openedAtMs, dueAtMs: told.dueAtMs };
  const { explanation, reasons } = terms.explain(guarantee, told);
  const data: Draft = {
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
    state: record.state,
    verdict: record.verdict,
    openedAt: formatInstant(record.openedAtMs),
    dueAt: formatInstant(record.dueAtMs),
    decidedAt: formatInstant(record.decidedAtMs),
    refs: textsOf(opens.refs, opening),
    base: basesOf(guarantee, opening),
    facts: factsOf(guarantee, told.counted, promise),
    evidence: evidencesOf(opening, told),
    explanation,
    reasons,
  };
  const group = opens.group?.evaluate(opening) ?? null;
  if (group !== null) data.group = group;
  if (record.owner !== null) data.owner = record.owner;
  if (record.completedAtMs !== null) data.completedAt = formatInstant(record.completedAtMs);
  if (told.latenessMs !== null) data.latenessMs = told.latenessMs;
  if (record.everBreached) data.breachId = breachIdOf(record.promiseId);
  if (step?.warning !== undefined) data.warning = warningOf(step.warning);
  if (step?.disruption !== undefined) data.disruption = step.disruption;
  if (step?.reason !== undefined) data.reason = step.reason;
  addDetails(data, record, told, guarantee);
  return data;
}

/** What only some promises have: bands, excuses, failures, pieces, re-promises, pauses, flags. */
function addDetails(data: Draft, record: PromiseRecord, told: Told, guarantee: Guarantee): void {
  const { deadline, excuse, failure, cancellation, pieces, opening } = told;
  const { bands } = guarantee;
  if (record.verdict === 'breached' && record.completedAtMs === null && bands.length > 0) {
    data.band = String(record.band);
    data.lateSoFarMs = (bands[record.band - 1] ?? 0) + 1;
  }
  if (excuse !== null && record.verdict === 'excused') {
    data.excuse = excuse.code;
    if (excuse.disruption !== null) data.disruption = excuse.disruption.id;
  }
  if (failure !== null) data.failedAt = formatInstant(failure.occurredAtMs);
  if (cancellation !== null) data.cancelledAt = formatInstant(cancellation.occurredAtMs);
  if (pieces !== null) data.pieces = pieces;
  if (deadline.repromises.length > 0) data.firstDueAt = formatInstant(deadline.firstDueAtMs);
  if (deadline.pauses.length > 0) data.pauses = deadline.pauses.slice(0, PAUSES_TOLD_MAX).map(pauseOf);
  const lateMs = opening.receivedAtMs - opening.occurredAtMs;
  if (guarantee.openWithinMs !== null && lateMs > guarantee.openWithinMs) data.flags = ['OPENED_TOO_LATE'];
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
  if (payer === null) return recipient === null ? { customer } : { customer, recipient };
  return recipient === null ? { customer, payer } : { customer, payer, recipient };
}

export function textsOf(expressions: Guarantee['opens']['refs'], opening: Fact): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const name in expressions) {
    const text = expressions[name]?.evaluate(opening) ?? null;
    if (text !== null) texts[name] = text;
  }
  return texts;
}

function basesOf({ opens }: Guarantee, opening: Fact): PromiseEventData['base'] {
  const base: Record<string, PromiseEventData['base'][string]> = {};
  for (const name in opens.base) {
    const expression = opens.base[name];
    if (expression !== undefined) base[name] = expression.evaluate(opening);
  }
  return base;
}

function evidencesOf(opening: Fact, { completion, failure, cancellation, excuse, decision }: Told): Evidence[] {
  const evidences = [evidenceOf(opening)];
  for (const fact of [completion, failure, cancellation, excuse?.fact ?? null, decision])
    if (fact !== null) evidences.push(evidenceOf(fact));
  return evidences;
}

function evidenceOf(fact: Fact): Evidence {
  const { id, source, type, claimedAtMs } = fact;
  const occurredAt = formatInstant(fact.occurredAtMs);
  const receivedAt = formatInstant(fact.receivedAtMs);
  return claimedAtMs - fact.receivedAtMs > SKEW_TOLERANCE_MS
    ? { id, source, type, occurredAt, receivedAt, flag: 'CLOCK_SKEW' }
    : { id, source, type, occurredAt, receivedAt };
}
