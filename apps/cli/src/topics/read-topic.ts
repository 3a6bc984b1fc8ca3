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

/** What is read of a partition: from `next` on, which moves, up to before `end`; null: on and on. */
interface Stretch {
  readonly topic: string;
  readonly partition: number;
  next: bigint;
  readonly end: bigint | null;
}

const isLeft = ({ next, end }: Stretch): boolean => end !== null && next < end;
const nameOf = (topic: string, partition: number): string => `${topic}/${partition}`;
const namesLeft = (stretches: ReadonlyMap<string, Stretch>): string[] =>
  [...stretches].filter(([, stretch]) => isLeft(stretch)).map(([name]) => name);

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
    const stretches = new Map<string, Stretch>();
    for (const [topic, marks] of await watermarks(admin, options.topics)) {
      for (const { partition, low, high } of marks) {
        const next = BigInt(options.from === 'earliest' ? low : high);
        const end = options.untilEnd ? BigInt(high) : null;
        stretches.set(nameOf(topic, partition), { topic, partition, next, end });
      }
    }
    if (options.untilEnd && namesLeft(stretches).length === 0) return 0;
    await consumer.connect();
    await consumer.subscribe({ topics: [...options.topics], fromBeginning: options.from === 'earliest' });
    // Whenever it begins, also anew after a crash: it knows nothing of where it was.
    consumer.on(consumer.events.GROUP_JOIN, () => {
      for (const { topic, partition, next } of stretches.values())
        consumer.seek({ topic, partition, offset: String(next) });
    });
    return await consume(consumer, options, stretches, each);
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
  stretches: Map<string, Stretch>,
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
      const { topic, partition } = batch;
      const name = nameOf(topic, partition);
      // A partition that came since is new from its first record on.
      const stretch = stretches.get(name) ?? { topic, partition, next: 0n, end: options.untilEnd ? 0n : null };
      stretches.set(name, stretch);
      const { next, end } = stretch;
      try {
        for (const { offset, value } of batch.messages) {
          if (end !== null && BigInt(offset) >= end) break;
          if (BigInt(offset) < next) continue;
          each({ topic, partition, offset, text: value?.toString('utf8') ?? '' });
          records += 1;
        }
      } catch (error) {
        failure = error;
        done.abort();
        return;
      }
      resolveOffset(batch.lastOffset());
      lastProgressMs = clock.nowMs();
      const after = BigInt(batch.lastOffset()) + 1n;
      if (after > next) stretch.next = after;
      if (options.untilEnd && namesLeft(stretches).length === 0) done.abort();
    },
  });
  const stallAfterMs = options.stallAfterMs ?? 30_000;
  while (!done.signal.aborted) {
    await clock.sleep(1_000, done.signal);
    if (options.untilEnd && clock.nowMs() - lastProgressMs > stallAfterMs) {
      throw new ProblemError({
        code: 'TOPIC_STALLED',
        detail: `the rest of ${namesLeft(stretches).join(', ')} → nothing for ${stallAfterMs / 1_000} s`,
        advice: 'look at ./makegood status: is the broker up?',
      });
    }
  }
  if (failure) throw failure;
  return records;
}
