import type { OutgoingRecord, ProducedRange, RecordProducer } from '#libs/messaging';
import type { Cause } from '#libs/observability';

/**
 * Remembers the latest record time that a replay has written: commands copied in between must not go back behind it
 * within a partition. A producer like any other otherwise.
 */
export class StampingProducer implements RecordProducer {
  latestMs = 0;

  constructor(private readonly inner: RecordProducer) {}

  async send(records: readonly OutgoingRecord[], causes?: readonly Cause[]): Promise<ProducedRange[]> {
    const ranges = await this.inner.send(records, causes);
    for (const { timestampMs } of records)
      if (timestampMs !== undefined && timestampMs > this.latestMs) this.latestMs = timestampMs;
    return ranges;
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}
