import { partitionCountOf, TOPICS } from '#libs/contracts';
import { ProblemError } from '#libs/kernel';
import type { Kafka } from '#libs/messaging';
import { CONFIG_OF_TOPIC, withAdmin, type Admin, type StackMode } from '../stack/topics.js';
import { READ_ORDER } from './copy-plan.js';
import type { Range } from './read-partitions.js';

export interface OldLog {
  readonly shards: number;
  readonly mode: StackMode;
  readonly ranges: Readonly<Record<string, readonly Range[]>>;
}

const SERVICES = ['intake', 'sla-timer', 'compensation', 'loyalty'] as const;

/** The log of an installation as it stands. @param mustRest refuse while services still work on it */
export async function describeLog(kafka: Kafka, { mustRest }: { readonly mustRest: boolean }): Promise<OldLog> {
  if (mustRest) await assertResting(kafka, 'the old cluster');
  return withAdmin(kafka, async (admin) => {
    const shards = await shardsOf(admin);
    const ranges: Record<string, readonly Range[]> = {};
    for (const topic of READ_ORDER) ranges[topic] = await rangesOf(admin, topic);
    ranges[TOPICS.ingress] = await unread(admin, ranges[TOPICS.ingress] ?? []);
    return { shards, mode: await modeOf(admin), ranges };
  });
}

async function shardsOf(admin: Admin): Promise<number> {
  const present = await admin.listTopics();
  const missing = READ_ORDER.filter((topic) => !present.includes(topic));
  if (missing.length > 0)
    throw new ProblemError({
      code: 'NO_INSTALLATION',
      detail: `the topics of an installation → ${missing.join(', ')} are missing`,
      advice: 'check --from-brokers',
    });
  const { topics } = await admin.fetchTopicMetadata({ topics: [...READ_ORDER] });
  const counts = new Map(topics.map(({ name, partitions }) => [name, partitions.length]));
  const shards = counts.get(TOPICS.events) ?? 0;
  for (const [topic, count] of counts)
    if (count !== partitionCountOf(topic, shards))
      throw new ProblemError({
        code: 'PARTITION_COUNT',
        detail: `topic ${topic} with ${partitionCountOf(topic, shards)} partitions, as events have → it has ${count}`,
        advice: 'every topic but control has one number of partitions: this is not the log of one installation',
      });
  return shards;
}

async function rangesOf(admin: Admin, topic: string): Promise<Range[]> {
  const offsets = await admin.fetchTopicOffsets(topic);
  return offsets
    .map(({ partition, low, high }) => ({ partition, from: Number(low), to: Number(high) }))
    .sort((a, b) => a.partition - b.partition);
}

/** What intake has read of ingress is in events and dead letters; the rest is to be read by the new one. */
async function unread(admin: Admin, ranges: readonly Range[]): Promise<Range[]> {
  const found = await admin.fetchOffsets({ groupId: 'makegood.intake', topics: [TOPICS.ingress] });
  const nexts = new Map(found[0]?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
  return ranges.map((range) => ({
    ...range,
    from: Math.min(range.to, Math.max(range.from, nexts.get(range.partition) ?? 0)),
  }));
}

async function modeOf(admin: Admin): Promise<StackMode> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: CONFIG_OF_TOPIC, name: TOPICS.events, configNames: ['message.timestamp.type'] }],
  });
  const entry = resources[0]?.configEntries.find(({ configName }) => configName === 'message.timestamp.type');
  return entry?.configValue === 'CreateTime' ? 'replay' : 'live';
}

/** @param where in words */
export async function assertResting(kafka: Kafka, where: string): Promise<void> {
  const groupIds = SERVICES.map((service) => `makegood.${service}`);
  const { groups } = await withAdmin(kafka, (admin) => admin.describeGroups(groupIds));
  const working = groups.filter(({ members }) => members.length > 0).map(({ groupId }) => groupId);
  if (working.length === 0) return;
  throw new ProblemError({
    code: 'SERVICES_STILL_RUN',
    detail: `services that have stopped on ${where} → ${working.join(', ')} have members: the log would grow meanwhile`,
    advice:
      'stop them once they are drained (./makegood status); --rehearsal copies what is there now of an old log that goes on',
  });
}
