import type { Cause } from '#libs/observability';
import { unpackRow, type PackedRow } from './packed-row.js';
import type { OutgoingRecord, ProducedRange, RecordProducer } from './records.js';

/** Writing packed rows to the log: resolves after acks from all in-sync replicas, in the order of calls. */
export interface RowPublisher {
  /** @param causes the work that decided them, for traces */
  publish(rows: readonly PackedRow[], causes?: readonly Cause[]): Promise<ProducedRange[]>;
  close(): Promise<void>;
}

/** Publishes where it is called, through any producer. */
export function publisherOver(producer: RecordProducer): RowPublisher {
  return {
    publish: (rows, causes) => producer.send(rows.flatMap(recordsOf), causes),
    close: () => producer.close(),
  };
}

/** The records of a row, with values as text. */
export function recordsOf(row: PackedRow): OutgoingRecord[] {
  return Array.from(unpackRow(row), (record) => ({ ...record, value: record.value.toString('utf8') }));
}
