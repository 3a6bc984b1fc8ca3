import { DEFAULT_SHARD_COUNT, partitionCountOf } from '#libs/contracts';
import { createKafka, type Kafka } from '#libs/messaging';
import { topicSpec, withAdmin } from '../../../apps/cli/src/stack/topics.js';
import { waitUntil } from './wait.js';

/** Makes a topic as the replay makes its own; an older one of the name goes first. */
export async function makeFreshTopic(brokers: string, topic: string): Promise<void> {
  await withAdmin(clientOf(brokers), async (admin) => {
    if ((await admin.listTopics()).includes(topic)) {
      await admin.deleteTopics({ topics: [topic] });
      await waitUntil(async () => !(await admin.listTopics()).includes(topic), `topic ${topic} is gone`);
    }
    await waitUntil(async () => {
      const made = await admin.createTopics({ waitForLeaders: true, topics: [specOf(topic)] }).catch(() => false);
      return made || (await admin.listTopics()).includes(topic);
    }, `topic ${topic} is there`);
  });
}

export async function dropTopic(brokers: string, topic: string): Promise<void> {
  await withAdmin(clientOf(brokers), (admin) => admin.deleteTopics({ topics: [topic] }));
}

/** Number of records over all partitions of a topic from which nothing was deleted. */
export async function recordsIn(brokers: string, topic: string): Promise<number> {
  const offsets = await withAdmin(clientOf(brokers), (admin) => admin.fetchTopicOffsets(topic));
  return offsets.reduce((records, { high }) => records + Number(high), 0);
}

const specOf = (topic: string) => topicSpec(topic, partitionCountOf(topic, DEFAULT_SHARD_COUNT), 'replay');

const clientOf = (brokers: string): Kafka => createKafka({ clientId: 'makegood-bench', brokers: brokers.split(',') });
