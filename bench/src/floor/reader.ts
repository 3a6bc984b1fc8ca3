import type { Kafka, KafkaMessage } from 'kafkajs';
import type { ReaderConfig } from './config.js';
import type { Desk } from './desk.js';
import { Publisher } from './publisher.js';
import { ADVANCE, CLAIM, PUT_OUT, type Store } from './store.js';

/** One transaction a batch: the offset, what the desk does, one outbox row; then the row is published. */
class Reader {
  private readonly claimed = new Set<number>();

  constructor(
    private readonly config: ReaderConfig,
    private readonly desk: Desk,
    private readonly store: Store,
    private readonly publisher: Publisher,
  ) {}

  async onBatch(topic: string, shard: number, messages: readonly KafkaMessage[]): Promise<void> {
    if (!this.claimed.has(shard)) {
      await this.store.query(CLAIM, [shard]);
      this.claimed.add(shard);
    }
    await this.publisher.hasRoom();
    const next = Number(messages.at(-1)?.offset ?? -1) + 1;
    const row = await this.store.transaction(async (query) => {
      await query(ADVANCE, [shard, topic, next]);
      const announcements = await this.desk.work(shard, messages, query);
      if (announcements.length === 0) return null;
      const text = announcements.map(({ partition, key, value }) => `${partition} ${key}\n${value}`).join('\n');
      const [stored] = await query<{ id: number }>(PUT_OUT, [this.config.outputTopic, text]);
      return { id: stored?.id ?? 0, announcements };
    });
    if (row) this.publisher.put(row);
  }
}

/** Consumes the input topics, four partitions at a time, until the process ends. */
export async function read(kafka: Kafka, config: ReaderConfig, desk: Desk, store: Store): Promise<void> {
  const publisher = new Publisher(kafka, store, config.outputTopic);
  await publisher.connect();
  const reader = new Reader(config, desk, store, publisher);
  const consumer = kafka.consumer({
    groupId: config.group,
    maxWaitTimeInMs: 250,
    maxBytes: 16 * 1024 * 1024,
    maxBytesPerPartition: 1024 * 1024,
  });
  await consumer.connect();
  await consumer.subscribe({ topics: [...config.inputTopics], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: 4,
    eachBatch: async ({ batch, resolveOffset, heartbeat }) => {
      await reader.onBatch(batch.topic, batch.partition, batch.messages);
      resolveOffset(batch.lastOffset());
      await heartbeat();
    },
  });
}
