import { copiedFromOf, DEAD_LETTER_TYPE, encodeCloudEvent, type DeadLetterEvent } from '#libs/contracts';
import { formatInstant, nameIdOf } from '#libs/kernel';
import type { LogRecord } from '#libs/messaging';
import type { Outgoing } from './outbox-rows.js';
import type { Rejected } from './processor.js';

/**
 * Follows from the record's place in the log, and from the occasion where that is another. A record that was copied from a
 * log with other shards keeps the letter of its place there.
 */
export function deadLetterIdOf(
  service: string,
  record: Pick<LogRecord, 'topic' | 'partition' | 'offset' | 'headers'>,
  occasion?: string,
): string {
  const { partition, offset } = copiedFromOf(record.headers) ?? record;
  const place = [service, record.topic, partition, offset] as const;
  return occasion === undefined ? nameIdOf(...place) : nameIdOf(...place, occasion);
}

/**
 * The dead letter of a record. Its id and bytes follow from the record's place in the log, so that a repetition is
 * recognised.
 */
export function deadLetterOf(
  service: string,
  topic: string,
  { record, reason, detail, holdsKey, occasion }: Rejected,
  attempts = 1,
): Outgoing {
  const event: DeadLetterEvent = {
    specversion: '1.0',
    id: deadLetterIdOf(service, record, occasion),
    source: `makegood/${service}`,
    type: DEAD_LETTER_TYPE,
    subject: record.key ?? `${record.topic}/${record.partition}/${record.offset}`,
    time: formatInstant(Math.max(0, record.timestampMs)),
    data: {
      reason,
      detail,
      original: textOf(record),
      topic: record.topic,
      partition: record.partition,
      offset: String(record.offset),
      attempts,
      ...(holdsKey ? { parked: true } : {}),
    },
  };
  return { topic, partition: record.partition, key: event.subject, value: encodeCloudEvent(event) };
}

function textOf(record: LogRecord): string {
  const text = record.value.toString('utf8');
  return Buffer.from(text, 'utf8').equals(record.value) ? text : record.value.toString('base64');
}
