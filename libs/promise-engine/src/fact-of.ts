import type { CloudEvent } from '#libs/contracts';
import { parseInstant, type InstantMs } from '#libs/kernel';
import type { Fact } from './subject-state.js';
import { effectiveTimeMs } from './take-in.js';

const STANDARD = new Set([
  'specversion',
  'id',
  'source',
  'type',
  'subject',
  'time',
  'data',
  'datacontenttype',
  'dataschema',
  'traceparent',
  'revision',
  'receivedat',
]);

/** The fact that an event tells, or the reason why it cannot count. */
export function factOf(
  event: CloudEvent,
  receivedAtMs: InstantMs,
): Fact | { readonly reason: string; readonly detail: string } {
  const claimedAtMs = parseInstant(event.time);
  if (claimedAtMs === null)
    return { reason: 'FIELD_INVALID', detail: 'time is no RFC 3339 instant between 1970 and 2100' };
  const occurredAtMs = effectiveTimeMs(claimedAtMs, receivedAtMs);
  if (occurredAtMs === null) return { reason: 'FUTURE_FACT', detail: 'time lies more than 24 h ahead of the receipt' };
  const extensions = extensionsOf(event);
  return {
    id: event.id,
    source: event.source,
    type: event.type,
    subject: event.subject,
    occurredAtMs,
    claimedAtMs,
    receivedAtMs,
    revision: typeof event.revision === 'number' ? event.revision : 0,
    data: event.data,
    ...(extensions === null ? {} : { extensions }),
  };
}

/** Members of an event that are no attribute of the standard and none of ours; null: none, as nearly always. */
function extensionsOf(event: CloudEvent): Record<string, unknown> | null {
  let extensions: Record<string, unknown> | null = null;
  for (const name in event) if (!STANDARD.has(name)) (extensions ??= {})[name] = event[name];
  return extensions;
}
