import type { OutgoingRecord } from './records.js';

/** A record to be sent: its value as text, or as bytes that are there already. */
export type SendableRecord = Omit<OutgoingRecord, 'value'> & { readonly value: string | Buffer };

/** kafkajs groups messages in time quadratic beyond about 2,000 a partition and send. */
const RECORDS_PER_PARTITION_AND_SEND_MAX = 1_000;
const BYTES_PER_SEND_MAX = 4 * 1024 * 1024;

/** Splits in order, so that no partition gets too many records and no request too many bytes. */
export function* chunksOf(records: Iterable<SendableRecord>): Generator<readonly SendableRecord[]> {
  let chunk: SendableRecord[] = [];
  let bytes = 0;
  const perPartition = new Map<string, number>();
  for (const record of records) {
    const place = `${record.topic}/${record.partition}`;
    const count = (perPartition.get(place) ?? 0) + 1;
    if (count > RECORDS_PER_PARTITION_AND_SEND_MAX || bytes > BYTES_PER_SEND_MAX) {
      yield chunk;
      [chunk, bytes] = [[], 0];
      perPartition.clear();
    }
    perPartition.set(place, (perPartition.get(place) ?? 0) + 1);
    chunk.push(record);
    bytes += Buffer.byteLength(record.value);
  }
  if (chunk.length > 0) yield chunk;
}
