import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { leaderEpochOf } from './leader-epoch.js';
import { Room } from './room.js';
import { shardAssigner } from './shard-assigner.js';
import type { BatchHandler, BatchOutcome, LogRecord, RecordBatch } from './records.js';

export interface BatchConsumerOptions {
  readonly kafka: Kafka;
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly handlerOf: (topic: string) => BatchHandler;
  /** Partitions worked on at the same time. */
  readonly concurrency: number;
  /** Called when the consumer stopped for good: the process must exit so that its supervisor starts it anew. */
  readonly onFatal: (error: Error) => void;
  readonly onAssignment?: (partitions: readonly number[]) => void;
  readonly sessionTimeoutMs?: number;
  /**
   * `latency` (default): a fetch answers with the first record; `throughput`: it waits up to a quarter of a second for
   * more, so that fewer and larger transactions do the same work (replays).
   */
  readonly prefer?: 'latency' | 'throughput';
}

/** Heartbeats go out at most this often; a fenced owner waits longer than this before it believes itself again. */
export const HEARTBEAT_INTERVAL_MS = 2_000;

/**
 * A member that died without a word keeps its partitions for so long: most of the time that a shard stands still after a
 * kill. Long enough for four heartbeats; whoever is thrown out although it lives is fenced, and joins again.
 */
const SESSION_TIMEOUT_MS = 8_000;

/** Two of the largest transactions at a time: one decides while the other writes. */
const RECORDS_IN_HAND_MAX = 20_000;

/**
 * A consumer group member that hands whole batches to its handler; offsets live in PostgreSQL, Kafka's are a mirror.
 * While batches are worked on the next fetch is under way: kafkajs would wait for the slowest batch of a fetch before it
 * asks for more. Of a partition there is one batch at work at a time.
 */
export class BatchConsumer {
  private readonly consumer: Consumer;
  private readonly room: Room;
  /** By `topic/partition`. */
  private readonly atWork = new Map<string, Promise<void>>();
  /** Errors that kafkajs is to hear of when the partition, sought back, comes again: it knows when to try anew. */
  private readonly failures = new Map<string, Error>();
  /** A new one with each join, none once kafkajs has stopped: what was fetched in an earlier membership is stale. */
  private membership: object | null = null;
  private isStopping = false;

  constructor(private readonly options: BatchConsumerOptions) {
    this.room = new Room({ batches: options.concurrency, records: RECORDS_IN_HAND_MAX });
    this.consumer = options.kafka.consumer({
      groupId: options.groupId,
      partitionAssigners: [shardAssigner],
      sessionTimeout: options.sessionTimeoutMs ?? SESSION_TIMEOUT_MS,
      rebalanceTimeout: 30_000,
      heartbeatInterval: HEARTBEAT_INTERVAL_MS,
      maxWaitTimeInMs: 250,
      minBytes: options.prefer === 'throughput' ? 512 * 1024 : 1,
      maxBytes: 16 * 1024 * 1024,
      // Far behind, a subject that changes several times in one batch is written once.
      maxBytesPerPartition: 4 * 1024 * 1024,
      allowAutoTopicCreation: false,
      // kafkajs stops for good on TypeErrors and the like; everything else it restarts by itself.
      retry: { initialRetryTime: 200, maxRetryTime: 5_000, retries: 10, restartOnFailure: async () => true },
    });
  }

  async start(): Promise<void> {
    const { consumer } = this;
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (!payload.restart) this.options.onFatal(payload.error);
    });
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      this.membership = {};
      this.failures.clear();
      const partitions = new Set(Object.values(payload.memberAssignment).flat());
      this.options.onAssignment?.([...partitions].sort((a, b) => a - b));
    });
    // Also before it starts anew after a crash: until it has joined there is nothing to seek in or to pause, and kafkajs throws.
    consumer.on(consumer.events.STOP, () => (this.membership = null));
    await consumer.connect();
    await consumer.subscribe({ topics: [...this.options.topics], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: this.options.concurrency,
      eachBatch: (payload) => this.onBatch(payload),
    });
  }

  /** Leaves the group when what is at work is done: whoever gets the partitions finds them at rest. */
  async stop(): Promise<void> {
    this.isStopping = true;
    if (this.membership) this.consumer.pause(this.options.topics.map((topic) => ({ topic })));
    await Promise.all(this.atWork.values());
    await this.consumer.disconnect();
  }

  /** Goes on with a partition that a `halt` stopped, in all topics. What has stopped starts anew with nothing paused. */
  resume(partition: number): void {
    if (!this.membership) return;
    this.consumer.resume(this.options.topics.map((topic) => ({ topic, partitions: [partition] })));
  }

  /** Mirrors an offset to Kafka for lag tools; nothing depends on it. */
  async mirrorOffsets(offsets: readonly { topic: string; partition: number; nextOffset: number }[]): Promise<void> {
    await this.consumer.commitOffsets(
      offsets.map(({ topic, partition, nextOffset }) => ({ topic, partition, offset: String(nextOffset) })),
    );
  }

  /** Done as soon as the batch is at work: its offset counts as read from then on, unless `conclude` says otherwise. */
  private async onBatch(payload: EachBatchPayload): Promise<void> {
    const { topic, partition, messages } = payload.batch;
    const place = `${topic}/${partition}`;
    await this.atWork.get(place);
    const leave = await this.room.enter(messages.length);
    const failure = this.failures.get(place);
    this.failures.delete(place);
    if (failure || this.isStopping || payload.isStale() || !payload.isRunning()) {
      leave();
      if (failure) throw failure;
      return;
    }
    payload.resolveOffset(payload.batch.lastOffset());
    const work = this.work(payload).finally(() => {
      leave();
      this.atWork.delete(place);
    });
    this.atWork.set(place, work);
  }

  private async work(payload: EachBatchPayload): Promise<void> {
    const { membership } = this;
    const isStale = (): boolean =>
      this.membership !== membership || this.isStopping || payload.isStale() || !payload.isRunning();
    const batch = recordBatchOf(payload, isStale);
    const outcome = await this.options
      .handlerOf(batch.topic)(batch)
      .catch((error: Error): BatchOutcome => ({ kind: 'abandon', error }));
    // After another join kafkajs begins anew where the mirrored offsets are, which are behind what is committed.
    if (this.membership === membership && !this.isStopping) this.conclude(batch, outcome);
  }

  private conclude({ topic, partition, fetchedOffset }: RecordBatch, outcome: BatchOutcome): void {
    switch (outcome.kind) {
      case 'done':
        return;
      case 'seek':
        this.consumer.seek({ topic, partition, offset: String(outcome.offset) });
        return;
      case 'abandon':
        this.failures.set(`${topic}/${partition}`, outcome.error);
        this.consumer.seek({ topic, partition, offset: String(fetchedOffset) });
        return;
      case 'halt':
        this.consumer.pause([{ topic, partitions: [partition] }]);
        return;
      default:
        throw new Error(`unknown outcome ${JSON.stringify(outcome satisfies never)}`);
    }
  }
}

function recordBatchOf(payload: EachBatchPayload, isStale: () => boolean): RecordBatch {
  const { batch } = payload;
  const records = batch.messages.map((message): LogRecord => ({
    topic: batch.topic,
    partition: batch.partition,
    offset: Number(message.offset),
    timestampMs: Number(message.timestamp),
    ...leaderEpochOf(message),
    key: message.key === null || message.key === undefined ? null : message.key.toString('utf8'),
    value: message.value ?? Buffer.alloc(0),
    ...(message.headers ? { headers: message.headers } : {}),
  }));
  return {
    topic: batch.topic,
    partition: batch.partition,
    records,
    fetchedOffset: Number((batch as unknown as { fetchedOffset: string }).fetchedOffset),
    lastOffset: Number(batch.lastOffset()),
    highWatermark: Number(batch.highWatermark),
    heartbeat: () => payload.heartbeat(),
    isStale,
  };
}
