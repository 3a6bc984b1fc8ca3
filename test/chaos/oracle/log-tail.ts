import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel, type Consumer } from 'kafkajs';

export interface TailRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Append time by the broker's clock. */
  readonly appendedMs: number;
  readonly text: string;
}

const kafkaOf = (brokers: string): Kafka =>
  new Kafka({ clientId: 'chaos-oracle', brokers: brokers.split(','), logLevel: logLevel.NOTHING });

/** Log ends of a topic by partition. */
export async function endsOf(brokers: string, topics: readonly string[]): Promise<Map<string, number>> {
  const admin = kafkaOf(brokers).admin();
  await admin.connect();
  try {
    const ends = new Map<string, number>();
    for (const topic of topics)
      for (const { partition, high } of await admin.fetchTopicOffsets(topic))
        ends.set(`${topic}/${partition}`, Number(high));
    return ends;
  } finally {
    await admin.disconnect();
  }
}

/** Reads topics from their beginning and goes on until `close`, through every outage; each record once. */
export class LogTail {
  private readonly next = new Map<string, number>();
  private consumer: Consumer | null = null;
  private closed = false;

  constructor(
    private readonly brokers: string,
    private readonly topics: readonly string[],
    private readonly take: (record: TailRecord) => void,
  ) {}

  /** Keeps itself going; resolves when it was closed. */
  async run(): Promise<void> {
    while (!this.closed) {
      const consumer = kafkaOf(this.brokers).consumer({
        groupId: `chaos.oracle.${randomUUID()}`,
        maxWaitTimeInMs: 250,
        retry: { initialRetryTime: 200, maxRetryTime: 2_000, retries: 3, restartOnFailure: async () => false },
      });
      this.consumer = consumer;
      const crashed = new Promise<void>((resolve) => consumer.on(consumer.events.CRASH, () => resolve()));
      const stopped = new Promise<void>((resolve) => consumer.on(consumer.events.STOP, () => resolve()));
      try {
        await consumer.connect();
        await consumer.subscribe({ topics: [...this.topics], fromBeginning: true });
        await consumer.run({ autoCommit: false, eachBatch: async ({ batch }) => this.takeBatch(batch) });
        await Promise.race([crashed, stopped]);
      } catch {
        // the broker is away: again
      }
      await Promise.race([consumer.disconnect().catch(() => undefined), sleep(5_000)]);
      if (!this.closed) await sleep(500);
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.race([this.consumer?.disconnect().catch(() => undefined), sleep(10_000)]);
  }

  /** True when everything up to these ends has been read. */
  hasReached(ends: ReadonlyMap<string, number>): boolean {
    return [...ends].every(([place, end]) => (this.next.get(place) ?? 0) >= end);
  }

  private takeBatch(batch: {
    readonly topic: string;
    readonly partition: number;
    readonly messages: readonly {
      readonly offset: string;
      readonly timestamp: string;
      readonly value: Buffer | null;
    }[];
  }): void {
    const place = `${batch.topic}/${batch.partition}`;
    for (const { offset, timestamp, value } of batch.messages) {
      if (Number(offset) < (this.next.get(place) ?? 0)) continue;
      this.next.set(place, Number(offset) + 1);
      this.take({
        topic: batch.topic,
        partition: batch.partition,
        offset: Number(offset),
        appendedMs: Number(timestamp),
        text: value?.toString('utf8') ?? '',
      });
    }
  }
}

/** Reads topics whole, up to the ends that they have now. */
export async function readWhole(brokers: string, topics: readonly string[], withinMs = 180_000): Promise<TailRecord[]> {
  const ends = await endsOf(brokers, topics);
  const records: TailRecord[] = [];
  const tail = new LogTail(brokers, topics, (record) => records.push(record));
  const running = tail.run();
  const giveUpAtMs = Date.now() + withinMs;
  while (!tail.hasReached(ends)) {
    if (Date.now() > giveUpAtMs) throw new Error(`could not read ${topics.join(', ')} within ${withinMs / 1_000} s`);
    await sleep(50);
  }
  await tail.close();
  await running;
  return records;
}
