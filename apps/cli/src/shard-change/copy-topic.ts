import { COPIED_FROM, TOPICS, type CopiedFrom } from '#libs/contracts';
import type { Kafka } from '#libs/messaging';
import { Causes } from './causes.js';
import type { CopiedRecord, SourceRecord } from './copied-topics.js';
import type { CopyPlan } from './copy-plan.js';
import type { Letters } from './letters.js';
import type { LogWriter } from './log-writer.js';
import { EventsMerge, type Emit } from './merge-events.js';
import { MergeByTime } from './merge-by-time.js';
import { mergeRecords, type Met } from './merge-records.js';
import { groupsOf, Routes, type PartitionGroup } from './partitions.js';
import { PartitionReader } from './read-partitions.js';

/** What is known of the old log before it is copied. */
export interface CopyMeans {
  readonly source: Kafka;
  readonly plan: CopyPlan;
  readonly letters: Letters;
  readonly causes: Causes;
}

/**
 * Copies one topic, group by group.
 * @returns ids of the commands that every group has
 */
export async function copyTopic(topic: string, means: CopyMeans, writer: LogWriter): Promise<ReadonlySet<string>> {
  const { plan } = means;
  const seen: ReadonlySet<string>[] = [];
  for (const group of groupsOf(plan.from, plan.to)) seen.push(await copyGroup(topic, group, means, writer));
  await writer.flush();
  const [first = new Set<string>(), ...others] = seen;
  return new Set([...first].filter((id) => others.every((ids) => ids.has(id))));
}

async function copyGroup(
  topic: string,
  group: PartitionGroup,
  { source, plan, letters, causes }: CopyMeans,
  writer: LogWriter,
): Promise<ReadonlySet<string>> {
  const routes = new Routes(plan.from, plan.to, letters.keyOf);
  const commands = new Set<string>();
  const emit: Emit = async (partition, record) => {
    let copied: CopiedRecord = { partition, ...record };
    const [from] = copied.from;
    if (from && letters.has(topic, from)) copied = withPlace(copied, from);
    if (topic === TOPICS.loyalty) copied = causes.moved(copied);
    if (topic === TOPICS.deadLetters) copied = letters.moved(copied);
    const offset = await writer.put(copied);
    causes.note(topic, copied, offset);
    letters.note(topic, copied, offset);
  };
  const targetOf = (record: SourceRecord): number => routes.targetOf(record);
  const rules =
    topic === TOPICS.events
      ? new EventsMerge(group, plan.from, targetOf, emit)
      : new MergeByTime(topic, group, targetOf, emit);
  const ranges = (plan.ranges[topic] ?? []).filter(({ partition }) => group.sources.includes(partition));
  const reader = await PartitionReader.open(source, topic, ranges);
  try {
    const met = (what: Met): Promise<void> => {
      commands.add(what.event.id);
      return rules.met(what);
    };
    await mergeRecords(reader.sources, {
      topic,
      placeOf: (record) => rules.placeOf(record),
      passBy: (record, event) => rules.passBy(record, event),
      keyed: (record) => rules.keyed(record),
      met,
    });
    if (rules instanceof EventsMerge) await rules.finish();
  } finally {
    await reader.close();
  }
  return commands;
}

/** A record that was copied before keeps its first place: that is what its letter is named by. */
function withPlace(record: CopiedRecord, { partition, offset }: CopiedFrom): CopiedRecord {
  if (record.headers[COPIED_FROM] !== undefined) return record;
  return { ...record, headers: { ...record.headers, [COPIED_FROM]: JSON.stringify({ partition, offset }) } };
}

/** Hands every record of a topic to `each`, in the order of each partition. */
export async function scanTopic(
  { source, plan }: Pick<CopyMeans, 'source' | 'plan'>,
  topic: string,
  each: (record: SourceRecord) => void,
): Promise<void> {
  const reader = await PartitionReader.open(source, topic, plan.ranges[topic] ?? []);
  try {
    for (const one of reader.sources)
      for (let record = await one.next(); record !== null; record = await one.next()) each(record);
  } finally {
    await reader.close();
  }
}
