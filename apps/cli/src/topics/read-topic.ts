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

/**
 * Reads topics with a throw-away group, every record once, in order within its partition.
 * @returns the number of records read.
 */
export async function readTopics(options: ReadOptions, each: (record: TopicRecord) => void): Promise<number> {
  const kafka = kafkaClient(options.brokers);
  const groupId = `makegood-cli-${randomBytes(6).toString('hex')}`;
  const admin = kafka.admin();
  await admin.connect();
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100, maxBytesPerPartition: 4 * 1024 * 1024 });
  try {
    const ends = await watermarks(admin, options.topics);
    const pending = new Map<string, bigint>();
    if (options.untilEnd) {
      for (const [topic, marks] of ends) {
        for (const mark of marks) {
          const start = options.from === 'earliest' ? mark.low : mark.high;
          if (BigInt(start) < BigInt(mark.high)) pending.set(`${topic}/${mark.partition}`, BigInt(mark.high));
        }
      }
      if (pending.size === 0) return 0;
    }
    await consumer.connect();
    await consumer.subscribe({ topics: [...options.topics], fromBeginning: options.from === 'earliest' });
    return await consume(consumer, options, pending, each);
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
  pending: Map<string, bigint>,
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
          if (options.untilEnd && (end === undefined || BigInt(message.offset) >= end)) break;
          each({
            topic: batch.topic,
            partition: batch.partition,
            offset: message.offset,
            text: message.value?.toString('utf8') ?? '',
          });
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
