import type { OutgoingRecord } from './records.js';

/** Records of one topic in the form in which they wait to be published: as PostgreSQL keeps them, in UTF-8. */
export interface PackedRow {
  readonly topic: string;
  readonly bytes: Buffer;
}

/** A record whose value is bytes that are there already, part of its row's. */
export type ByteRecord = Omit<OutgoingRecord, 'value'> & { readonly value: Buffer };

const NEWLINE = 0x0a;

/**
 * Two lines a record: `partition timestamp|- "key"`, then the value as it goes out. JSON never holds a raw newline,
 * so nothing needs escaping on the hot path.
 */
export function packRecords(records: readonly OutgoingRecord[]): Buffer {
  const lines: string[] = [];
  for (const { topic, partition, timestampMs, key, value } of records) {
    if (value.includes('\n')) throw new Error(`a record for ${topic} holds a raw newline`);
    lines.push(`${partition} ${timestampMs ?? '-'} ${JSON.stringify(key)}`, value);
  }
  return Buffer.from(lines.join('\n'), 'utf8');
}

/** One at a time, so that no more of them exist at once than are sent at once. */
export function* unpackRow({ topic, bytes }: PackedRow): Generator<ByteRecord> {
  for (let at = 0; at < bytes.length;) {
    const headEnd = bytes.indexOf(NEWLINE, at);
    if (headEnd < 0) return;
    const next = bytes.indexOf(NEWLINE, headEnd + 1);
    const end = next < 0 ? bytes.length : next;
    const head = bytes.toString('utf8', at, headEnd);
    const [partition, timestamp] = head.split(' ', 2) as [string, string];
    yield {
      topic,
      partition: Number(partition),
      key: JSON.parse(head.slice(partition.length + timestamp.length + 2)) as string,
      value: bytes.subarray(headEnd + 1, end),
      ...(timestamp === '-' ? {} : { timestampMs: Number(timestamp) }),
    };
    at = end + 1;
  }
}

/** How many records a row has, without unpacking them. */
export function countOf({ bytes }: PackedRow): number {
  let lines = bytes.length === 0 ? 0 : 1;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) lines++;
  return Math.floor(lines / 2);
}
