import { connect } from 'node:net';
import type { ITopicConfig } from 'kafkajs';
import { DEFAULT_SHARD_COUNT, partitionCountOf, TOPICS } from '#libs/contracts';
import { ProblemError } from '#libs/kernel';
import { createKafka, type Kafka } from '#libs/messaging';
import { waitFor, type Patience } from '../clock.js';

export type StackMode = 'live' | 'replay';
export type Admin = ReturnType<Kafka['admin']>;
/** Kafka's number for what settings belong to. */
export const CONFIG_OF_TOPIC = 2;

/** A client for the launcher's own errands. */
export function kafkaClient(brokers: string): Kafka {
  return createKafka({ clientId: 'makegood-cli', brokers: brokers.split(',') });
}

/** Lends an administrator's connection to a piece of work, and ends it whatever comes of that. */
export async function withAdmin<T>(kafka: Kafka, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

/** Configuration of a topic in a mode, as Kafka names it. */
export function topicConfig(mode: StackMode): Record<string, string> {
  const keepForever = {
    'retention.ms': '-1',
    'retention.bytes': '-1',
    'cleanup.policy': 'delete',
    // One batch in a codec that kafkajs does not know stops a consumer for good (tulios/kafkajs#1141): the broker unpacks
    // what others send compressed.
    'compression.type': 'uncompressed',
    // A send holds up to 1,000 records a partition, and an event may have 256 KiB.
    'max.message.bytes': '8388608',
  };
  if (mode === 'replay') {
    // History and futures up to 2100: a record's time is its event's time.
    const anyTime = String(Number.MAX_SAFE_INTEGER);
    return {
      ...keepForever,
      'message.timestamp.type': 'CreateTime',
      'message.timestamp.before.max.ms': anyTime,
      'message.timestamp.after.max.ms': anyTime,
      // By those times a segment would be full after a week of history, and no fetch reads beyond the end of one.
      'segment.ms': anyTime,
    };
  }
  // Verdicts need the broker's clock on ingress and events; on the others it shows operations how quick we are.
  return { ...keepForever, 'message.timestamp.type': 'LogAppendTime' };
}

/** Waits until the broker answers; the caller disconnects. */
async function awaitBroker(brokers: string, patience: Patience): Promise<Admin> {
  let found = 'no answer';
  const admin = await waitFor(
    async () => {
      if (!(await accepts(brokers.split(',')[0] as string))) return null; // cheaper than a client's own retries
      const candidate = kafkaClient(brokers).admin();
      try {
        await candidate.connect();
        const cluster = await candidate.describeCluster();
        if (cluster.brokers.length > 0) return candidate;
      } catch (error) {
        found = (error as Error).message;
      }
      await candidate.disconnect().catch(() => undefined);
      return null;
    },
    { ...patience, everyMs: 50 },
  );
  if (admin) return admin;
  throw new ProblemError({
    code: 'BROKER_AWAY',
    detail: `Kafka on ${brokers} within ${patience.withinMs / 1_000} s → ${found}`,
    advice: 'read logs/broker.log in the data dir, or check KAFKA_BROKERS',
  });
}

/** @throws ProblemError BROKER_AWAY unless it answers soon. */
export async function assertBroker(brokers: string): Promise<void> {
  const admin = await awaitBroker(brokers, { withinMs: 5_000 });
  await admin.disconnect();
}

function accepts(address: string): Promise<boolean> {
  const colon = address.lastIndexOf(':');
  return new Promise((resolve) => {
    const socket = connect({ host: address.slice(0, colon), port: Number(address.slice(colon + 1)), timeout: 2_000 });
    const answer = (yes: boolean): void => {
      socket.destroy();
      resolve(yes);
    };
    socket.once('connect', () => answer(true));
    socket.once('timeout', () => answer(false));
    socket.once('error', () => answer(false));
  });
}

/** A new topic is in the metadata before its leader serves it: whoever produces at once would be refused. */
async function awaitLeaders(admin: Admin, topics: readonly string[], patience: Patience): Promise<void> {
  const led = await waitFor(
    () =>
      Promise.all(topics.map((topic) => admin.fetchTopicOffsets(topic))).then(
        () => true,
        () => null,
      ),
    { ...patience, everyMs: 50 },
  );
  if (led) return;
  throw new ProblemError({
    code: 'BROKER_AWAY',
    detail: `a leader for every partition within ${patience.withinMs / 1_000} s → some have none`,
    advice: 'read logs/broker.log in the data dir',
  });
}

/** A topic that is made in a mode: the number of replicas is the broker's default. */
export function topicSpec(topic: string, numPartitions: number, mode: StackMode): ITopicConfig {
  return { topic, numPartitions, replicationFactor: -1, configEntries: configEntriesOf(mode) };
}

function configEntriesOf(mode: StackMode): { name: string; value: string }[] {
  return Object.entries(topicConfig(mode)).map(([name, value]) => ({ name, value }));
}

/** A scratch topic with a partition for each shard, gone again with `dropTopics`. */
export async function makeTopics(
  brokers: string,
  topics: readonly string[],
  mode: StackMode,
  shards = DEFAULT_SHARD_COUNT,
): Promise<void> {
  await withAdmin(kafkaClient(brokers), async (admin) => {
    await admin.createTopics({
      waitForLeaders: false,
      topics: topics.map((topic) => topicSpec(topic, shards, mode)),
    });
    await awaitLeaders(admin, topics, { withinMs: 30_000 });
  });
}

export async function dropTopics(brokers: string, topics: readonly string[]): Promise<void> {
  await withAdmin(kafkaClient(brokers), (admin) => admin.deleteTopics({ topics: [...topics] }));
}

/** Gives the topics of an installation the settings of a mode. */
export async function alterTopics(brokers: string, mode: StackMode): Promise<void> {
  const configEntries = configEntriesOf(mode);
  const resources = Object.values(TOPICS).map((name) => ({ type: CONFIG_OF_TOPIC, name, configEntries }));
  await withAdmin(kafkaClient(brokers), (admin) => admin.alterConfigs({ validateOnly: false, resources }));
}

/** Makes the topics that are missing, and refuses to go on with a wrong number of partitions. */
export async function ensureTopics(
  brokers: string,
  mode: StackMode,
  patience: Patience,
  shards = DEFAULT_SHARD_COUNT,
): Promise<void> {
  const admin = await awaitBroker(brokers, patience);
  try {
    const present = new Set(await admin.listTopics());
    const wanted = Object.values(TOPICS);
    const missing = wanted.filter((topic) => !present.has(topic));
    if (missing.length > 0) {
      await admin.createTopics({
        waitForLeaders: false, // kafkajs gives up too early; awaitLeaders below is patient
        topics: missing.map((topic) => topicSpec(topic, partitionCountOf(topic, shards), mode)),
      });
    }
    await awaitLeaders(admin, wanted, patience);
    const { topics } = await admin.fetchTopicMetadata({ topics: [...wanted] });
    for (const { name, partitions } of topics) {
      const count = partitionCountOf(name, shards);
      if (partitions.length === count) continue;
      throw new ProblemError({
        code: 'PARTITION_COUNT',
        detail: `topic ${name} with ${count} partitions → it has ${partitions.length}`,
        advice: 'MAKEGOOD_SHARDS says how many; an installation gets another number with ./makegood shard copy',
      });
    }
  } finally {
    await admin.disconnect();
  }
}
