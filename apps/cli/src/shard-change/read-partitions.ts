import { randomUUID } from 'node:crypto';
import { ProblemError } from '#libs/kernel';
import type { Kafka } from '#libs/messaging';
import { clock } from '../clock.js';
import type { SourceRecord } from './copied-topics.js';
import type { Source } from './merge-records.js';

/** Offsets of one partition, from the first up to before the second. */
export interface Range {
  readonly partition: number;
  readonly from: number;
  readonly to: number;
}

type Consumer = ReturnType<Kafka['consumer']>;

const STALL_AFTER_MS = 60_000;
/** Beyond this much unread a partition is fetched no further until it has been worked off. */
const BUFFERED_BYTES_MAX = 8 * 1024 * 1024;

/** Partitions of a topic side by side, each read in order as it is asked for: what waits in memory is bounded. */
export class PartitionReader {
  readonly sources: readonly Source[];
  private readonly queues = new Map<number, Queue>();
  private failure: Error | null = null;

  private constructor(
    private readonly consumer: Consumer,
    private readonly topic: string,
    ranges: readonly Range[],
  ) {
    this.sources = ranges.map((range) => {
      const queue = new Queue(range);
      this.queues.set(range.partition, queue);
      return { partition: range.partition, next: () => this.next(queue) };
    });
  }

  static async open(kafka: Kafka, topic: string, ranges: readonly Range[]): Promise<PartitionReader> {
    const settings = { maxWaitTimeInMs: 50, maxBytesPerPartition: 1024 * 1024, maxBytes: 16 * 1024 * 1024 };
    const consumer = kafka.consumer({ groupId: `makegood.copy.${randomUUID()}`, ...settings });
    const reader = new PartitionReader(consumer, topic, ranges);
    if ([...reader.queues.values()].some((queue) => !queue.isDone)) await reader.start();
    return reader;
  }

  async close(): Promise<void> {
    await this.consumer.disconnect().catch(() => undefined);
  }

  private async start(): Promise<void> {
    const { consumer, topic } = this;
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (!payload.restart) this.failure = payload.error;
    });
    // Whenever the client begins (anew): it knows nothing of where it was.
    consumer.on(consumer.events.GROUP_JOIN, () => {
      for (const queue of this.queues.values()) this.seek(queue);
    });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: true,
      eachBatch: async ({ batch }) => {
        const queue = this.queues.get(batch.partition);
        if (!queue || queue.isFetched) return consumer.pause([{ topic, partitions: [batch.partition] }]);
        for (const message of batch.messages)
          queue.put({
            partition: batch.partition,
            offset: Number(message.offset),
            timestampMs: Number(message.timestamp),
            key: message.key,
            value: message.value,
            headers: message.headers ?? {},
          });
        const next = Number(batch.lastOffset()) + 1;
        // A client that has restarted begins at the start again.
        if (next < queue.fetchedTo) this.seek(queue);
        queue.fetchedTo = Math.max(queue.fetchedTo, next);
        if (queue.isFull || queue.isFetched) consumer.pause([{ topic, partitions: [batch.partition] }]);
      },
    });
  }

  private async next(queue: Queue): Promise<SourceRecord | null> {
    if (queue.isEmpty && !queue.isDone) await this.await(queue);
    const record = queue.take();
    if (queue.isEmpty && !queue.isFetched) this.resume(queue);
    return record;
  }

  /** What is read from before there is passed over: a seek spares reading it, no more. */
  private seek({ range: { partition }, fetchedTo }: Queue): void {
    try {
      this.consumer.seek({ topic: this.topic, partition, offset: String(fetchedTo) });
    } catch {
      // begun anew this moment: it joins, and is told then
    }
  }

  /** Between two lives of the client (it restarts by itself) there is nothing to resume: it is asked again while somebody waits. */
  private resume({ range: { partition } }: Queue): void {
    try {
      this.consumer.resume([{ topic: this.topic, partitions: [partition] }]);
    } catch {
      // begun anew: nothing is paused there
    }
  }

  private async await(queue: Queue): Promise<void> {
    const startedMs = clock.nowMs();
    for (let turn = 1; queue.isEmpty && !queue.isDone; turn++) {
      if (this.failure) throw this.failure;
      await clock.sleep(2);
      if (turn % 50 === 0) this.resume(queue);
      if (clock.nowMs() - startedMs > STALL_AFTER_MS)
        throw new ProblemError({
          code: 'TOPIC_STALLED',
          detail: `the rest of ${this.topic}/${queue.range.partition} from ${queue.fetchedTo} to ${queue.range.to} → nothing for ${STALL_AFTER_MS / 1_000} s`,
          advice: 'see that the broker is up, then run the same command again: it goes on',
        });
    }
  }
}

class Queue {
  fetchedTo: number;
  private records: SourceRecord[] = [];
  private taken = 0;
  private bytes = 0;

  constructor(readonly range: Range) {
    this.fetchedTo = range.from;
  }

  get isFetched(): boolean {
    return this.fetchedTo >= this.range.to;
  }
  get isEmpty(): boolean {
    return this.taken >= this.records.length;
  }
  get isDone(): boolean {
    return this.isFetched && this.isEmpty;
  }
  get isFull(): boolean {
    return this.bytes > BUFFERED_BYTES_MAX;
  }

  /** What was fetched twice (a seek, a rebalance) is taken once. */
  put(record: SourceRecord): void {
    if (record.offset < this.fetchedTo || record.offset >= this.range.to) return;
    this.records.push(record);
    this.bytes += record.value?.length ?? 0;
    this.fetchedTo = record.offset + 1;
  }

  take(): SourceRecord | null {
    const record = this.records[this.taken++] ?? null;
    if (this.isEmpty) [this.records, this.taken, this.bytes] = [[], 0, 0];
    return record;
  }
}
