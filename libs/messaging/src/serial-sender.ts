import type { Kafka, Producer, RecordMetadata, TopicMessages } from 'kafkajs';
import { ProblemError, type Clock } from '#libs/kernel';
import { chunksOf, type SendableRecord } from './chunks.js';
import type { ProducedRange } from './records.js';

export const SEND_DEADLINE_MS = 30_000;

/**
 * Idempotent producing with kafkajs, without its loss: two sends in flight lose acknowledged records when an ack is
 * lost (reference: kafka-pitfalls 1.3), so whoever calls has exactly one in flight, and after any error the producer is
 * thrown away, the same bytes going out through a new one. The log may then hold them twice, always the same bytes.
 */
export class SerialSender {
  private producer: Producer | null = null;

  constructor(
    private readonly kafka: Kafka,
    private readonly clock: Clock,
    private readonly deadlineMs: number = SEND_DEADLINE_MS,
  ) {}

  /**
   * Gives the ranges of each part as it is acknowledged; throws when the broker did not acknowledge in time: the records
   * may or may not be in the log.
   * @param headers one object a send: the encoder writes its bytes once
   */
  async *send(
    records: Iterable<SendableRecord>,
    headers: Readonly<Record<string, string>>,
  ): AsyncGenerator<ProducedRange[]> {
    for (const chunk of chunksOf(records)) {
      try {
        yield rangesOf(await this.withDeadline(this.sendChunk(chunk, headers)), chunk);
      } catch (error) {
        await this.discard();
        throw error;
      }
    }
  }

  /** Nobody has to: a send does so by itself, and takes longer for it. */
  async connect(): Promise<Producer> {
    return (this.producer ??= await this.newProducer());
  }

  /** The next send connects anew. */
  async discard(): Promise<void> {
    const old = this.producer;
    this.producer = null;
    if (old) await Promise.race([old.disconnect().catch(() => undefined), this.clock.sleep(2_000)]);
  }

  private async sendChunk(
    chunk: readonly SendableRecord[],
    headers: Readonly<Record<string, string>>,
  ): Promise<RecordMetadata[]> {
    const producer = await this.connect();
    return producer.sendBatch({ acks: -1, topicMessages: topicMessagesOf(chunk, headers) });
  }

  private async newProducer(): Promise<Producer> {
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
      if (!abort.signal.aborted) throw brokerAway(this.deadlineMs);
      return undefined as never;
    });
    try {
      return await Promise.race([work, deadline]);
    } finally {
      abort.abort();
    }
  }
}

export function brokerAway(deadlineMs: number): ProblemError {
  return new ProblemError({ code: 'BROKER_AWAY', detail: `acknowledgement within ${deadlineMs} ms → none` }, true);
}

function topicMessagesOf(chunk: readonly SendableRecord[], headers: Readonly<Record<string, string>>): TopicMessages[] {
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

function rangesOf(acks: readonly RecordMetadata[], chunk: readonly SendableRecord[]): ProducedRange[] {
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
