import { randomUUID } from 'node:crypto';
import type { Admin, Kafka } from 'kafkajs';
import { onGivenUp } from './given-up.js';
import { leaderEpochOf } from './leader-epoch.js';
import type { LogRecord, PartitionOffsets } from './records.js';

/** Reads offsets and ranges of the log outside any consumer group. */
export class LogReader {
  private admin: Admin | null = null;

  constructor(private readonly kafka: Kafka) {}

  /** Log start and end of each partition of a topic. */
  async offsetsOf(topic: string): Promise<PartitionOffsets[]> {
    const admin = await this.connectedAdmin();
    const offsets = await admin.fetchTopicOffsets(topic);
    return offsets
      .map(({ partition, low, high }) => ({ partition, low: Number(low), high: Number(high) }))
      .sort((a, b) => a.partition - b.partition);
  }

  /**
   * Hands every record of `[from, to)` of one partition to `onRecords`, in order, batch by batch; resolves when the
   * last was handled. Offsets need not hold records: at the end of the log may be markers of transactions, and what was
   * deleted is passed over. Rare (a restored database, a report), so a consumer of its own for each call is fine. Where
   * kafkajs begins anew by itself (it does at once where a coordinator is still loading), reading goes on where it was;
   * what kafkajs has retried in vain rejects.
   */
  async readRange(
    range: { readonly topic: string; readonly partition: number; readonly from: number; readonly to: number },
    onRecords: (records: readonly LogRecord[]) => Promise<void>,
  ): Promise<void> {
    const { low = 0 } =
      (await this.offsetsOf(range.topic)).find(({ partition }) => partition === range.partition) ?? {};
    const from = Math.max(range.from, low);
    if (from >= range.to) return;
    const consumer = this.kafka.consumer({ groupId: `makegood.reader.${randomUUID()}`, maxWaitTimeInMs: 100 });
    await consumer.connect();
    await consumer.subscribe({ topics: [range.topic], fromBeginning: true });
    try {
      await new Promise<void>((resolve, reject) => {
        let next = from;
        onGivenUp(consumer, reject);
        // Whenever it begins, also anew: it knows nothing of where it was.
        consumer.on(consumer.events.GROUP_JOIN, () =>
          consumer.seek({ topic: range.topic, partition: range.partition, offset: String(next) }),
        );
        const eachBatch = async (batch: { partition: number; messages: readonly RawMessage[] }): Promise<void> => {
          if (batch.partition !== range.partition) return;
          const records = batch.messages
            .map((message) => recordOf(range.topic, batch.partition, message))
            .filter(({ offset }) => offset >= next && offset < range.to);
          const last = records.at(-1);
          if (!last) return;
          await onRecords(records);
          next = last.offset + 1;
        };
        // Also of batches that hold no records, which no handler sees.
        consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { partition, lastOffset } }) => {
          if (partition === range.partition && Number(lastOffset) >= range.to - 1) resolve();
        });
        consumer.run({ autoCommit: false, eachBatch: ({ batch }) => eachBatch(batch).catch(reject) }).catch(reject);
      });
    } finally {
      await consumer.disconnect();
    }
  }

  async close(): Promise<void> {
    await this.admin?.disconnect();
    this.admin = null;
  }

  private async connectedAdmin(): Promise<Admin> {
    if (!this.admin) {
      const admin = this.kafka.admin();
      await admin.connect();
      this.admin = admin;
    }
    return this.admin;
  }
}

interface RawMessage {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

function recordOf(topic: string, partition: number, message: RawMessage): LogRecord {
  return {
    topic,
    partition,
    offset: Number(message.offset),
    timestampMs: Number(message.timestamp),
    ...leaderEpochOf(message),
    key: message.key?.toString('utf8') ?? null,
    value: message.value ?? Buffer.alloc(0),
  };
}
