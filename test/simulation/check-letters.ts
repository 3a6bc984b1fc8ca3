import { LETTER_TYPE, TOPICS, type DeadLetterEvent, type LetterEvent, type SettlementEvent } from '#libs/contracts';
import type { Broker } from './broker.js';
import type { Evidence } from './checks.js';
import { isOfDefect } from './defects.js';
import type { Folded } from './pure-fold.js';

/** By dead letter of sla-timer: when its first decision was told. */
export function decisionTimes(broker: Broker): Map<string, number> {
  const times = new Map<string, number>();
  for (const { value, timestampMs } of broker.all(TOPICS.events)) {
    const { type, data } = JSON.parse(value.toString()) as LetterEvent;
    if (type === LETTER_TYPE && !times.has(data.id)) times.set(data.id, timestampMs);
  }
  return times;
}

/** Each letter is one that must be written; none that must be is missing. */
export function checkDeadLetters(
  { broker, finance, defects, operator }: Evidence,
  folded: Folded,
  found: string[],
): void {
  const refused = new Map(folded.refused);
  const letters = new Map<string, string>();
  const slips = new Set(finance.slips);
  for (const { value } of broker.all(TOPICS.deadLetters)) {
    const { id, data } = JSON.parse(value.toString()) as DeadLetterEvent;
    const before = letters.get(id);
    letters.set(id, value.toString());
    if (before !== undefined && before !== value.toString())
      found.push(`poison-stands-alone: letter ${id} has two contents:\n      ${before}\n      ${value.toString()}`);
    if (before !== undefined) continue;
    const place = `${data.partition}/${data.offset}`;
    if (data.topic === TOPICS.events) {
      if (refused.get(place) !== data.reason)
        found.push(`poison-stands-alone: ${data.topic}/${place} is a dead letter: ${data.reason} ${data.detail}`);
      refused.delete(place);
    } else if (data.topic === TOPICS.ingress) {
      continue; // check-intake.ts
    } else if (isOfDefect(data)) {
      const { topic, original } = data;
      if (!defects.isPoison({ topic, value: Buffer.from(original) }))
        found.push(`poison-stands-alone: ${topic}/${place} is a dead letter without a defect: ${data.detail}`);
    } else if (data.reason === 'CONFLICTING_SETTLEMENT') {
      const { lineId } = (JSON.parse(data.original) as SettlementEvent).data;
      if (!finance.slips.has(lineId))
        found.push(`moved-money-is-booked: a repetition is a dead letter: ${data.original}`);
      slips.delete(lineId);
    } else if (data.reason !== 'SETTLEMENT_UNKNOWN_LINE') {
      found.push(`outage-is-no-poison: ${data.topic}/${place} is a dead letter: ${data.reason} ${data.detail}`);
    } else if (!data.original.includes('R-nobody')) {
      found.push(`moved-money-is-booked: the settlement ${data.original} found no line`);
    }
  }
  for (const lineId of operator.discardedLines()) slips.delete(lineId);
  for (const lineId of slips)
    found.push(`conflict-is-told: line ${lineId} was paid with two amounts, without a letter`);
  for (const [place, reason] of refused) found.push(`conflict-is-told: ${place} should be a dead letter: ${reason}`);
}
