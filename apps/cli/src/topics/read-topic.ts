import { randomBytes } from 'node:crypto';
import { ProblemError } from '#libs/kernel';
import type { Kafka } from '#libs/messaging';
import { clock } from '../clock.js';
import { kafkaClient } from '../stack/topics.js';

type Consumer = ReturnType<Kafka['consumer']>;

export interface TopicRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  /** The event as its JSON text; empty for a record without a value. */
  readonly text: string;
}

export interface ReadOptions {
  readonly brokers: string;
  readonly topics: readonly string[];
  /** `earliest`: all there is; `latest`: only what comes from now on. */
  readonly from: 'earliest' | 'latest';
  /** Stop at the ends that the topics had when reading began; otherwise read until `signal` aborts. */
  readonly untilEnd: boolean;
  readonly signal?: AbortSignal;
  /** Reading that makes no headway for this long fails instead of hanging. */
  readonly stallAfterMs?: number;
}

interface Watermark {
  readonly partition: number;
  readonly low: string;
  readonly high: string;
}

interface Position {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

/** By `topic/partition`: where reading goes on, and the ends that are still to be reached. */
interface Progress {
  readonly next: Map<string, Position>;
  readonly pending: Map<string, bigint>;
}

/**
 * Reads topics with a throw-away group, every record once, in order within its partition.
 * @returns the number of records read.
 */
export async function readTopics(
  options: ReadOptions,
  each: (record: TopicRecord) => void,
  kafka: Pick<Kafka, 'admin' | 'consumer'> = kafkaClient(options.brokers),
): Promise<number> {
  const groupId = `makegood-cli-${randomBytes(6).toString('hex')}`;
  const admin = kafka.admin();
  await admin.connect();
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100, maxBytesPerPartition: 4 * 1024 * 1024 });
  try {
    const ends = await watermarks(admin, options.topics);
    const next = new Map<string, Position>();
    const pending = new Map<string, bigint>();
    for (const [topic, marks] of ends) {
      for (const { partition, low, high } of marks) {
        const name = `${topic}/${partition}`;
        const offset = BigInt(options.from === 'earliest' ? low : high);
        next.set(name, { topic, partition, offset });
        if (options.untilEnd && offset < BigInt(high)) pending.set(name, BigInt(high));
      }
    }
    if (options.untilEnd && pending.size === 0) return 0;
    await consumer.connect();
    await consumer.subscribe({ topics: [...options.topics], fromBeginning: options.from === 'earliest' });
    // Whenever it begins, also anew after a crash: it knows nothing of where it was.
    consumer.on(consumer.events.GROUP_JOIN, () => {
      for (const { topic, partition, offset } of next.values())
        consumer.seek({ topic, partition, offset: String(offset) });
    });
    return await consume(consumer, options, { next, pending }, each);
  } finally {
    await consumer.disconnect().catch(() => undefined);
    await admin.deleteGroups([groupId]).catch(() => undefined);
    await admin.disconnect();
  }
}

async function watermarks(
  admin: { fetchTopicOffsets(topic: string): Promise<Watermark[]> },
  topics: readonly string[],
): Promise<Map<string, Watermark[]>> {
  const all = await Promise.all(topics.map(async (topic) => [topic, await admin.fetchTopicOffsets(topic)] as const));
  return new Map(all);
}

async function consume(
  consumer: Consumer,
  options: ReadOptions,
  { next, pending }: Progress,
  each: (record: TopicRecord) => void,
): Promise<number> {
  let records = 0;
  let lastProgressMs = clock.nowMs();
  const done = new AbortController();
  options.signal?.addEventListener('abort', () => done.abort());
  let failure: unknown = null;
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: 1,

    eachBatch: async ({ batch, resolveOffset }) => {
      if (done.signal.aborted) return;
      const name = `${batch.topic}/${batch.partition}`;
      const end = pending.get(name);
      try {
        for (const message of batch.messages) {
          const offset = BigInt(message.offset);
          if (options.untilEnd && (end === undefined || offset >= end)) break;
          if (offset < (next.get(name)?.offset ?? 0n)) continue;
          const { topic, partition } = batch;
          each({ topic, partition, offset: message.offset, text: message.value?.toString('utf8') ?? '' });
          next.set(name, { topic, partition, offset: offset + 1n });
          records += 1;
        }
      } catch (error) {
        failure = error;
        done.abort();
        return;
      }
      resolveOffset(batch.lastOffset());
      lastProgressMs = clock.nowMs();
      if (end !== undefined && BigInt(batch.lastOffset()) + 1n >= end) pending.delete(name);
      if (options.untilEnd && pending.size === 0) done.abort();
    },
  });
  const stallAfterMs = options.stallAfterMs ?? 30_000;
  while (!done.signal.aborted) {
    await clock.sleep(1_000, done.signal);
    if (options.untilEnd && clock.nowMs() - lastProgressMs > stallAfterMs) {
      throw new ProblemError({
        code: 'TOPIC_STALLED',
        detail: `the rest of ${[...pending.keys()].join(', ')} → nothing for ${stallAfterMs / 1_000} s`,
        advice: 'look at ./makegood status: is the broker up?',
      });
    }
  }
  if (failure) throw failure;
  return records;
}
