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

/** An announcement as it goes out: what it was made of is needed no more. */
export interface Told {
  readonly kind: Announcement['kind'];
  /** In our one form, which sorts as text. */
  readonly decidedAt: string;
  readonly record: Outgoing;
}

export function toldOf(announcement: Announcement, topic: string, shardCount: number): Told {
  const { kind, data } = announcement;
  return { kind, decidedAt: data.decidedAt, record: recordOf(announcement, topic, shardCount) };
}

/** In order of decision, as far as one batch sees: a promise's own events stay in sequence. */
export function inOrderOfDecision(told: readonly Told[]): Outgoing[] {
  return [...told]
    .sort((a, b) => (a.decidedAt < b.decidedAt ? -1 : a.decidedAt > b.decidedAt ? 1 : 0))
    .map(({ record }) => record);
}
