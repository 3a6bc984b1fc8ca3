import { TICK_TYPE, type LoyaltyEvent } from '#libs/contracts';
import type { LogRecord } from '#libs/messaging';
import { TICK, type Place } from './told-before.js';

/**
 * Extension of each event of ours: topic and offset of the record that caused it, in the event's own partition. By it a
 * database tells what it has decided itself from what it has forgotten.
 */
export const CAUSE_POSITION = 'causeposition';

/** Where the effects of a record stand: offsets up to there commit together with them. */
export function placeOf({ topic, offset, effectiveOffset = offset }: LogRecord): Place {
  return { from: topic, offset: effectiveOffset };
}

export function withCausePosition(event: LoyaltyEvent, record: LogRecord): LoyaltyEvent {
  const { data, ...attributes } = event;
  const { from, offset } = placeOf(record);
  return { ...attributes, [CAUSE_POSITION]: `${from}/${offset}`, data };
}

/** Where the cause of an event of ours stands; null where it does not say so (told by an older version). */
export function causePlaceOf(event: LoyaltyEvent): Place | null {
  const found = /^(.+)\/(\d+)$/.exec(String(event[CAUSE_POSITION]));
  if (!found) return null;
  const [, topic, offset] = found as unknown as [string, string, string];
  return { from: event.data.cause?.type === TICK_TYPE ? TICK : topic, offset: Number(offset) };
}
