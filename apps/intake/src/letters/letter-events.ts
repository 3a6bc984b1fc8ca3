import {
  encodeCloudEvent,
  EVENT_LIMITS,
  LETTER_TYPE,
  letterEventOf,
  partitionOf,
  SOURCES,
  TOPICS,
  type LetterData,
  type LetterStatus,
} from '#libs/contracts';
import type { LogRecord, OutgoingRecord } from '#libs/messaging';
import { checkText } from '../canonical/check-data.js';
import type { LetterDetail } from './letter-book.js';

/** Tells sla-timer, by subject, that a letter waits or is decided. */
export function letterRecord(letter: LetterData, subject: string, atMs: number, shardCount: number): OutgoingRecord {
  return {
    topic: TOPICS.events,
    partition: partitionOf(subject, shardCount),
    key: subject,
    value: encodeCloudEvent(letterEventOf(letter, SOURCES.intake, subject, atMs)),
    timestampMs: Math.max(0, atMs),
  };
}

/** Tells the service that its letter is decided, on the letter's own topic and partition: its owner lets the key go on. */
export function releaseRecord(
  { id, topic, partition, subject }: LetterDetail,
  status: LetterStatus,
  atMs: number,
): OutgoingRecord {
  const value = encodeCloudEvent(letterEventOf({ id, status }, SOURCES.intake, subject, atMs));
  return { topic, partition, key: LETTER_TYPE, value, timestampMs: Math.max(0, atMs) };
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
