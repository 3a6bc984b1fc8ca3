import {
  encodeCloudEvent,
  EVENT_LIMITS,
  LETTER_TYPE,
  partitionOf,
  SOURCES,
  TOPICS,
  type LetterEvent,
  type LetterStatus,
} from '#libs/contracts';
import { formatInstant, nameIdOf } from '#libs/kernel';
import type { LogRecord, OutgoingRecord } from '#libs/messaging';
import { checkText } from '../canonical/check-data.js';

/** Tells sla-timer, by subject, that a letter waits or is decided. Its id follows from letter and status. */
export function letterRecord(
  letter: { readonly id: string; readonly status: LetterStatus },
  subject: string,
  atMs: number,
  shardCount: number,
): OutgoingRecord {
  const event: LetterEvent = {
    specversion: '1.0',
    id: nameIdOf('letter', letter.id, letter.status),
    source: SOURCES.intake,
    type: LETTER_TYPE,
    subject,
    time: formatInstant(Math.max(0, atMs)),
    data: letter,
  };
  return {
    topic: TOPICS.events,
    partition: partitionOf(subject, shardCount),
    key: subject,
    value: encodeCloudEvent(event),
    timestampMs: Math.max(0, atMs),
  };
}

/** The subject of a record that was not accepted, where it can be read all the same. */
export function subjectOf({ value, headers = {} }: Pick<LogRecord, 'value' | 'headers'>): string | null {
  const header = headers['ce_subject'];
  const subject = header === undefined ? structuredSubject(value) : String(Array.isArray(header) ? header[0] : header);
  if (typeof subject !== 'string' || subject.length === 0 || subject.length > EVENT_LIMITS.textIdCharsMax) return null;
  return checkText(subject, '') === null ? subject : null;
}

function structuredSubject(value: Buffer): unknown {
  try {
    return (JSON.parse(value.toString('utf8')) as { subject?: unknown } | null)?.subject;
  } catch {
    return null;
  }
}
