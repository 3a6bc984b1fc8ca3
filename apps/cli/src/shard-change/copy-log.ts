import {
  CONTROL_TYPES,
  encodeCloudEvent,
  partitionCountOf,
  standsOnEveryPartition,
  TOPICS,
  type CloudEvent,
} from '#libs/contracts';
import { formatInstant, nameIdOf, ProblemError } from '#libs/kernel';
import type { Kafka } from '#libs/messaging';
import { clock } from '../clock.js';
import { alterTopics, assertBroker, ensureTopics, kafkaClient, withAdmin } from '../stack/topics.js';
import { Causes, CAUSING_TOPICS } from './causes.js';
import { eventIn } from './copied-topics.js';
import { assertSamePlan, readPlan, recordAt, writePlan, type CopyPlan } from './copy-plan.js';
import { copyTopic, scanTopic, type CopyMeans } from './copy-topic.js';
import { Letters } from './letters.js';
import { copyDiffers, LogWriter, type Written } from './log-writer.js';
import { assertResting, describeLog } from './old-log.js';

export interface CopyOptions {
  readonly fromBrokers: string;
  readonly toBrokers: string;
  readonly shards: number;
  /** The old services may go on: nothing but what is there now is copied. */
  readonly isRehearsal: boolean;
  readonly onTopic: (topic: string, read: number) => void;
  readonly onProgress: (topic: string, written: number) => void;
}

export interface CopiedTopic {
  readonly topic: string;
  readonly read: number;
  readonly written: number;
  /** Written by this attempt; the rest by those before. */
  readonly appended: number;
  readonly elapsedMs: number;
}

/** Loyalty's events name the places of their causes, so they come behind them; control says that all is there. */
const WRITE_ORDER = [
  TOPICS.events,
  TOPICS.settlements,
  ...CAUSING_TOPICS,
  TOPICS.loyalty,
  TOPICS.deadLetters,
  TOPICS.ingress,
] as const;

/**
 * Copies the log of an installation to a cluster that is empty, or that an earlier attempt began to fill, with another number
 * of shards. What goes where, in which order, follows from the old log alone: an attempt goes on where the one before ended.
 * @throws ProblemError
 */
export async function copyLog(options: CopyOptions): Promise<CopiedTopic[]> {
  const { fromBrokers, toBrokers, shards, isRehearsal } = options;
  const [source, target] = [kafkaClient(fromBrokers), kafkaClient(toBrokers)];
  for (const brokers of [fromBrokers, toBrokers]) await assertBroker(brokers);
  await assertResting(target, 'the new cluster');
  const old = await describeLog(source, { mustRest: !isRehearsal });
  if (fromBrokers === toBrokers || old.shards === shards) throw nothingToChange(options, old.shards);
  const plan = (await readPlan(target)) ?? (await begin(target, { ...old, to: shards, toBrokers }));
  assertSamePlan(plan, old.shards, shards);
  await ensureTopics(toBrokers, 'replay', { withinMs: 60_000 }, shards);
  // Times are kept while it is copied, whatever clock the log has afterwards.
  await alterTopics(toBrokers, 'replay');
  try {
    return await copyTopics(options, source, target, plan);
  } finally {
    await alterTopics(toBrokers, plan.mode);
  }
}

async function copyTopics(options: CopyOptions, source: Kafka, target: Kafka, plan: CopyPlan): Promise<CopiedTopic[]> {
  const means: CopyMeans = { source, plan, letters: new Letters(), causes: new Causes() };
  await scanTopic(means, TOPICS.deadLetters, (record) => means.letters.hear(record));
  await scanTopic(means, TOPICS.loyalty, (record) => means.causes.expect(record));
  const copied: CopiedTopic[] = [];
  let applied: ReadonlySet<string> = new Set();
  for (const topic of WRITE_ORDER) {
    const { ids, ...done } = await inTarget(target, topic, options, plan, (writer) => copyTopic(topic, means, writer));
    if (topic === TOPICS.events) applied = ids;
    copied.push(done);
  }
  const { ids: _none, ...control } = await inTarget(target, TOPICS.control, options, plan, (writer) =>
    copyControl(means, applied, writer),
  );
  return [...copied, control];
}

async function begin(
  target: Kafka,
  { shards, mode, ranges, to, toBrokers }: Awaited<ReturnType<typeof describeLog>> & { to: number; toBrokers: string },
): Promise<CopyPlan> {
  const ends = await withAdmin(target, async (admin) => {
    const present = (await admin.listTopics()).filter((topic) => (Object.values(TOPICS) as string[]).includes(topic));
    return Promise.all(present.map(async (topic) => [topic, await admin.fetchTopicOffsets(topic)] as const));
  });
  const used = ends.filter(([, partitions]) => partitions.some(({ high }) => Number(high) > 0)).map(([topic]) => topic);
  if (used.length > 0)
    throw new ProblemError({
      code: 'TARGET_NOT_EMPTY',
      detail: `a cluster without records on ${toBrokers} → ${used.join(', ')} have some, and no copy was begun there`,
      advice: 'copy to a new cluster; its topics may be there, but empty',
    });
  const plan: CopyPlan = { from: shards, to, mode, madeAtMs: clock.nowMs(), ranges };
  await writePlan(target, plan);
  return plan;
}

/** Copies into one topic of the new cluster and sees that it then holds what was planned, and nothing else. */
async function inTarget(
  target: Kafka,
  topic: string,
  options: CopyOptions,
  plan: CopyPlan,
  work: (writer: LogWriter) => Promise<ReadonlySet<string>>,
): Promise<CopiedTopic & { readonly ids: ReadonlySet<string> }> {
  const startedMs = clock.nowMs();
  const read = (plan.ranges[topic] ?? []).reduce((sum, { from, to }) => sum + to - from, 0);
  options.onTopic(topic, read);
  const producer = target.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false });
  await producer.connect();
  try {
    let done = 0;
    const written = await writtenSoFar(target, topic, partitionCountOf(topic, plan.to));
    const writer = new LogWriter(producer, topic, written, (records) => options.onProgress(topic, (done += records)));
    const ids = await work(writer);
    await writer.flush();
    for (const [partition, { count }] of await writtenSoFar(target, topic, partitionCountOf(topic, plan.to), false)) {
      const planned = writer.counts.get(partition) ?? 0;
      if (count !== planned) throw copyDiffers(`${topic}/${partition}`, `${planned} records → ${count}`);
    }
    const total = [...writer.counts.values()].reduce((sum, count) => sum + count, 0);
    return { topic, read, written: total, appended: writer.appended, elapsedMs: clock.nowMs() - startedMs, ids };
  } finally {
    await producer.disconnect();
  }
}

async function writtenSoFar(
  kafka: Kafka,
  topic: string,
  count: number,
  withLast = true,
): Promise<Map<number, Written>> {
  const ends = await withAdmin(kafka, (admin) => admin.fetchTopicOffsets(topic));
  const written = new Map<number, Written>();
  for (let partition = 0; partition < count; partition++) {
    const end = Number(ends.find((each) => each.partition === partition)?.high ?? 0);
    const last = withLast && end > 0 ? await recordAt(kafka, topic, partition, end - 1) : null;
    written.set(partition, { count: end, last });
  }
  return written;
}

/**
 * The control topic, behind a record that says how many of its commands stand on every partition already: an intake with an
 * empty database copies those that follow, and none twice.
 */
async function copyControl(
  { source, plan }: CopyMeans,
  applied: ReadonlySet<string>,
  writer: LogWriter,
): Promise<ReadonlySet<string>> {
  const records: Parameters<Parameters<typeof scanTopic>[2]>[0][] = [];
  await scanTopic({ source, plan }, TOPICS.control, (record) => {
    if (eventIn(record)?.type !== CONTROL_TYPES.shardsChanged) records.push(record);
  });
  const isPending = (event: CloudEvent | null): boolean =>
    event !== null && standsOnEveryPartition(event.type) && !applied.has(event.id);
  const events = records.map(eventIn);
  const pending = events.findIndex(isPending);
  const commandsCopied = pending < 0 ? records.length : pending;
  const setsCopied = events
    .slice(0, commandsCopied)
    .filter((event) => event?.type === CONTROL_TYPES.guaranteesActivated).length;
  const event: CloudEvent = {
    specversion: '1.0',
    id: nameIdOf(CONTROL_TYPES.shardsChanged, plan.from, plan.to, plan.madeAtMs),
    source: 'makegood/cli',
    type: CONTROL_TYPES.shardsChanged,
    subject: 'shards',
    time: formatInstant(plan.madeAtMs),
    data: { from: plan.from, to: plan.to, commandsCopied, setsCopied },
  };
  const first = { partition: 0, timestampMs: plan.madeAtMs, key: Buffer.from('shards'), headers: {}, from: [] };
  await writer.put({ ...first, value: Buffer.from(encodeCloudEvent(event)) });
  for (const { timestampMs, key, value, headers, partition, offset } of records)
    await writer.put({ partition: 0, timestampMs, key, value, headers, from: [{ partition, offset }] });
  return new Set();
}

function nothingToChange({ fromBrokers, toBrokers, shards }: CopyOptions, found: number): ProblemError {
  const detail =
    fromBrokers === toBrokers
      ? `two clusters → both are ${toBrokers}`
      : `another number of shards → the log on ${fromBrokers} has ${found}, and ${shards} are asked for`;
  return new ProblemError({
    code: 'SHARDS_UNCHANGED',
    detail,
    advice:
      'topics cannot be renamed: give a cluster of its own with --to-brokers, and with --shards what it shall have',
  });
}
