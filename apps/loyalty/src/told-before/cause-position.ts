import { CAUSE_POSITION, causePositionOf, causePositionText, TICK_TYPE, type LoyaltyEvent } from '#libs/contracts';
import type { LogRecord } from '#libs/messaging';
import { TICK, type Place } from './told-before.js';

/** Where the effects of a record stand: offsets up to there commit together with them. */
export function placeOf({ topic, offset, effectiveOffset = offset }: LogRecord): Place {
  return { from: topic, offset: effectiveOffset };
}

export function withCausePosition(event: LoyaltyEvent, record: LogRecord): LoyaltyEvent {
  const { data, ...attributes } = event;
  const { from: topic, offset } = placeOf(record);
  return { ...attributes, [CAUSE_POSITION]: causePositionText({ topic, offset }), data };
}

/** Where the cause of an event of ours stands; null where it does not say so (told by an older version). */
export function causePlaceOf(event: LoyaltyEvent): Place | null {
  const at = causePositionOf(event);
  return at && { from: event.data.cause?.type === TICK_TYPE ? TICK : at.topic, offset: at.offset };
}
