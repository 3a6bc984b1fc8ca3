import { encodeCloudEvent, partitionOf, PROMISE_EVENT_PREFIX, SOURCES, type PromiseEvent } from '#libs/contracts';
import { promiseEventIdOf } from '#libs/kernel';
import type { Announcement } from '#libs/promise-engine';
import type { Outgoing } from '#libs/shard-log';

/** The record of an announcement: id and bytes follow from the promise and its sequence, and from nothing else. */
function recordOf({ kind, data }: Announcement, topic: string, shardCount: number): Outgoing {
  const event: PromiseEvent = {
    specversion: '1.0',
    id: promiseEventIdOf(data.promiseId, data.sequence),
    source: SOURCES.slaTimer,
    type: PROMISE_EVENT_PREFIX + kind,
    subject: data.subject,
    time: data.decidedAt,
    data,
  };
  return {
    topic,
    partition: partitionOf(data.customer, shardCount),
    key: data.customer,
    value: encodeCloudEvent(event),
  };
}

/** In order of decision, as far as one batch sees: a promise's own events stay in sequence. */
export function recordsOf(announcements: readonly Announcement[], topic: string, shardCount: number): Outgoing[] {
  // Instants in our one form sort as text.
  return [...announcements]
    .sort((a, b) => (a.data.decidedAt < b.data.decidedAt ? -1 : a.data.decidedAt > b.data.decidedAt ? 1 : 0))
    .map((announcement) => recordOf(announcement, topic, shardCount));
}
