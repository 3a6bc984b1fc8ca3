import { TOPICS } from '#libs/contracts';
import type { Kafka } from '#libs/messaging';
import { topicSpec, withAdmin, type StackMode } from '../stack/topics.js';
import type { SourceRecord } from './copied-topics.js';
import { PartitionReader, type Range } from './read-partitions.js';
import { copyDiffers } from './log-writer.js';

/** One partition of the new cluster: what is copied, written before anything is. */
export const PLAN_TOPIC = 'makegood.copy.v1';

/** What a copy takes: fixed by its first attempt, so that every later one goes on with the same. */
export interface CopyPlan {
  readonly from: number;
  readonly to: number;
  readonly mode: StackMode;
  readonly madeAtMs: number;
  readonly ranges: Readonly<Record<string, readonly Range[]>>;
}

/** Effects before causes: whoever told something had read what it followed from. */
export const READ_ORDER = [
  TOPICS.loyalty,
  TOPICS.compensations,
  TOPICS.promises,
  TOPICS.deadLetters,
  TOPICS.settlements,
  TOPICS.signals,
  TOPICS.events,
  TOPICS.ingress,
  TOPICS.control,
] as const;

/** null: nothing was ever begun there. */
export async function readPlan(kafka: Kafka): Promise<CopyPlan | null> {
  const isThere = await withAdmin(kafka, async (admin) => {
    if (!(await admin.listTopics()).includes(PLAN_TOPIC)) return false;
    const [end] = await admin.fetchTopicOffsets(PLAN_TOPIC);
    return Number(end?.high ?? 0) > 0;
  });
  if (!isThere) return null;
  const record = await recordAt(kafka, PLAN_TOPIC, 0, 0);
  return record === null ? null : (JSON.parse(String(record.value)) as CopyPlan);
}

export async function writePlan(kafka: Kafka, plan: CopyPlan): Promise<void> {
  await withAdmin(kafka, (admin) => admin.createTopics({ topics: [topicSpec(PLAN_TOPIC, 1, 'live')] }));
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  await producer.send({ topic: PLAN_TOPIC, acks: -1, messages: [{ partition: 0, value: JSON.stringify(plan) }] });
  await producer.disconnect();
}

/** A plan is for one change; another on the same cluster would mix two logs. */
export function assertSamePlan(plan: CopyPlan, from: number, to: number): void {
  if (plan.from !== from || plan.to !== to)
    throw copyDiffers(
      PLAN_TOPIC,
      `a copy from ${from} to ${to} shards → one from ${plan.from} to ${plan.to} was begun`,
    );
}

export async function recordAt(
  kafka: Kafka,
  topic: string,
  partition: number,
  offset: number,
): Promise<SourceRecord | null> {
  const reader = await PartitionReader.open(kafka, topic, [{ partition, from: offset, to: offset + 1 }]);
  try {
    return (await reader.sources[0]?.next()) ?? null;
  } finally {
    await reader.close();
  }
}
