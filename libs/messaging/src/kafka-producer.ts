import type { Kafka, Producer, RecordMetadata, TopicMessages } from 'kafkajs';
import { CLOUD_EVENT_JSON } from '#libs/contracts';
import { ProblemError, type Clock } from '#libs/kernel';
import { activeTraceparent, traced, type Cause, type TracedWork } from '#libs/observability';
import type { OutgoingRecord, ProducedRange, RecordProducer } from './records.js';

/** kafkajs groups messages in time quadratic beyond about 2,000 a partition and send. */
const RECORDS_PER_PARTITION_AND_SEND_MAX = 1_000;
const BYTES_PER_SEND_MAX = 4 * 1024 * 1024;
const SEND_DEADLINE_MS = 30_000;
const HEADERS: Readonly<Record<string, Buffer>> = { 'content-type': Buffer.from(CLOUD_EVENT_JSON) };

/**
 * Idempotent producing with kafkajs, without its loss: two sends in flight lose acknowledged records when an ack is
 * lost (reference: kafka-pitfalls 1.3), so exactly one is in flight, and after any error the producer is thrown away,
 * the same bytes going out through a new one. The log may then hold them twice, always the same bytes.
 */
export class SerialProducer implements RecordProducer {
  private producer: Producer | null = null;
  private tail: Promise<unknown> = Promise.resolve();
  private closed = false;

  constructor(
    private readonly kafka: Kafka,
    private readonly clock: Clock,
    private readonly deadlineMs: number = SEND_DEADLINE_MS,
  ) {}

  /** Rejects when the broker did not acknowledge in time: the records may or may not be in the log. */
  send(records: readonly OutgoingRecord[], causes: readonly Cause[] = []): Promise<ProducedRange[]> {
    const result = this.tail.then(() =>
      traced(
        () => sendingOf(records, causes),
        () => this.sendInTurn(records),
      ),
    );
    this.tail = result.catch(() => undefined);
    return result;
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.tail;
    await this.discard();
  }

  private async sendInTurn(records: readonly OutgoingRecord[]): Promise<ProducedRange[]> {
    if (this.closed) throw new Error('the producer is closed');
    const ranges: ProducedRange[] = [];
    for (const chunk of chunksOf(records)) {
      try {
        ranges.push(...rangesOf(await this.withDeadline(this.sendChunk(chunk)), chunk));
      } catch (error) {
        await this.discard();
        throw error;
      }
    }
    return ranges;
  }

  private async sendChunk(chunk: readonly OutgoingRecord[]): Promise<RecordMetadata[]> {
    this.producer ??= await this.connect();
    return this.producer.sendBatch({ acks: -1, topicMessages: topicMessagesOf(chunk) });
  }

  private async connect(): Promise<Producer> {
    const producer = this.kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 5 },
    });
    await producer.connect();
    return producer;
  }

  private async withDeadline<T>(work: Promise<T>): Promise<T> {
    const abort = new AbortController();
    work.catch(() => undefined); // may reject after the deadline has passed
    const deadline = this.clock.sleep(this.deadlineMs, abort.signal).then(() => {
      if (!abort.signal.aborted)
        throw new ProblemError(
          { code: 'BROKER_AWAY', detail: `acknowledgement within ${this.deadlineMs} ms → none` },
          true,
        );
      return undefined as never;
    });
    try {
      return await Promise.race([work, deadline]);
    } finally {
      abort.abort();
    }
  }

  private async discard(): Promise<void> {
    const old = this.producer;
    this.producer = null;
    if (old) await Promise.race([old.disconnect().catch(() => undefined), this.clock.sleep(2_000)]);
  }
}

/** Splits in order, so that no partition gets too many records and no request too many bytes. */
export function* chunksOf(records: readonly OutgoingRecord[]): Generator<readonly OutgoingRecord[]> {
  let chunk: OutgoingRecord[] = [];
  let bytes = 0;
  const perPartition = new Map<string, number>();
  for (const record of records) {
    const place = `${record.topic}/${record.partition}`;
    const count = (perPartition.get(place) ?? 0) + 1;
    if (count > RECORDS_PER_PARTITION_AND_SEND_MAX || bytes > BYTES_PER_SEND_MAX) {
      yield chunk;
      [chunk, bytes] = [[], 0];
      perPartition.clear();
    }
    perPartition.set(place, (perPartition.get(place) ?? 0) + 1);
    chunk.push(record);
    bytes += Buffer.byteLength(record.value);
  }
  if (chunk.length > 0) yield chunk;
}

function topicMessagesOf(chunk: readonly OutgoingRecord[]): TopicMessages[] {
  const headers = headersNow();
  const byTopic = new Map<string, TopicMessages['messages']>();
  for (const { topic, partition, key, value, timestampMs } of chunk) {
    let messages = byTopic.get(topic);
    if (!messages) byTopic.set(topic, (messages = []));
    messages.push({
      key,
      value,
      partition,
      headers,
      ...(timestampMs === undefined ? {} : { timestamp: String(timestampMs) }),
    });
  }
  return [...byTopic].map(([topic, messages]) => ({ topic, messages }));
}

/** One object a send: the encoder writes its bytes once. */
function headersNow(): Record<string, Buffer> {
  const traceparent = activeTraceparent();
  return traceparent === null
    ? (HEADERS as Record<string, Buffer>)
    : { ...HEADERS, traceparent: Buffer.from(traceparent) };
}

function sendingOf(records: readonly OutgoingRecord[], causes: readonly Cause[]): TracedWork {
  const topics = [...new Set(records.map(({ topic }) => topic))];
  const attributes = {
    'messaging.system': 'kafka',
    'messaging.operation.type': 'send',
    'messaging.destination.name': topics.join(','),
    'messaging.batch.message_count': records.length,
  };
  return { name: `send ${topics.join(',')}`, kind: 'producer', attributes, causes };
}

function rangesOf(acks: readonly RecordMetadata[], chunk: readonly OutgoingRecord[]): ProducedRange[] {
  const counts = new Map<string, number>();
  for (const { topic, partition } of chunk) {
    const place = `${topic}/${partition}`;
    counts.set(place, (counts.get(place) ?? 0) + 1);
  }
  return acks.map((ack) => ({
    topic: ack.topicName,
    partition: ack.partition,
    baseOffset: Number(ack.baseOffset),
    count: counts.get(`${ack.topicName}/${ack.partition}`) ?? 0,
  }));
}
