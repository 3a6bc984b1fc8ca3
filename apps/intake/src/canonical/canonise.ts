import { EVENT_LIMITS, encodeCloudEvent, type CloudEvent } from '#libs/contracts';
import { formatInstant, parseInstant } from '#libs/kernel';
import type { OutgoingRecord } from '#libs/messaging';
import { checkEvent, type Judgement } from './check-event.js';
import { routeEvent, type Routing } from './route-event.js';
import type { Refusal } from './refusal.js';
import type { Enrich } from '../customers/enrichment.js';

/** An event as makegood passes it on: its records, ready to send. */
export interface Canonical {
  readonly event: CloudEvent;
  readonly records: readonly OutgoingRecord[];
  readonly refusal?: undefined;
}

export type Canonised = Canonical | { readonly refusal: Refusal };

/**
 * Checks an upstream event and makes it canonical: unchanged but for `receivedat`, which is the append time in ingress
 * where it came that way, and upstream's own word in replays only, and what `enrich` knows of the customer. Otherwise pure; `event` must not be used afterwards.
 */
export function canonise(event: unknown, judgement: Judgement, routing: Routing, enrich?: Enrich): Canonised {
  const refusal = checkEvent(event, judgement);
  if (refusal) return { refusal };
  const canonical = event as { receivedat?: string | null } & CloudEvent;
  const timestampMs = judgement.mode === 'replay' ? parseInstant(canonical.receivedat ?? canonical.time) : null;
  const known = enrich?.(canonical) ?? null;
  const received = withReceivedAt(canonical, judgement);
  const stamped = known === null ? received : { ...received, ...known };
  const value = encodeCloudEvent(stamped);
  const tooLarge = sizeRefusal(value);
  if (tooLarge) return { refusal: tooLarge };
  const records = routeEvent(stamped, value, timestampMs ?? undefined, routing);
  return 'code' in records ? { refusal: records } : { event: stamped, records };
}

function withReceivedAt(event: CloudEvent, { mode, way, receivedAtMs }: Judgement): CloudEvent {
  if (mode === 'live' && way === 'ingress') return { ...event, receivedat: formatInstant(receivedAtMs) };
  if (event.receivedat === undefined || (mode === 'replay' && event.receivedat !== null)) return event;
  const { receivedat: _, ...rest } = event;
  return rest as CloudEvent;
}

function sizeRefusal(value: string): Refusal | null {
  const { eventBytesMax } = EVENT_LIMITS;
  // Bytes are at most three times the characters: most events need no counting.
  if (value.length * 3 <= eventBytesMax) return null;
  return Buffer.byteLength(value) > eventBytesMax ? tooLarge(Buffer.byteLength(value)) : null;
}

export function tooLarge(bytes: number): Refusal {
  const detail = `${bytes} bytes; an event has at most ${EVENT_LIMITS.eventBytesMax}`;
  return {
    code: 'EVENT_TOO_LARGE',
    detail,
    advice: 'Send a reference to large content instead of the content.',
    pointer: '',
  };
}
