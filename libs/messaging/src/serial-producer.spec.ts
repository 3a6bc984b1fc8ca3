import type { Kafka } from 'kafkajs';
import { SerialProducer } from './kafka-producer.js';

interface Sent {
  readonly producer: number;
  readonly values: string[];
}

/** A broker's client that records what each producer sends; `answer` decides each send's fate. */
function fakeKafka(answer: (nth: number) => Promise<void>): {
  kafka: Kafka;
  sent: Sent[];
  inFlightMax: () => number;
  disconnected: number[];
} {
  const sent: Sent[] = [];
  const disconnected: number[] = [];
  let producers = 0;
  let inFlight = 0;
  let most = 0;
  const kafka = {
    producer: () => {
      const producer = ++producers;
      return {
        connect: async () => undefined,
        disconnect: async () => void disconnected.push(producer),
        sendBatch: async ({ topicMessages }: { topicMessages: { topic: string; messages: { value: string }[] }[] }) => {
          most = Math.max(most, ++inFlight);
          sent.push({ producer, values: topicMessages.flatMap(({ messages }) => messages.map(({ value }) => value)) });
          const nth = sent.length;
          try {
            await answer(nth);
          } finally {
            inFlight -= 1;
          }
          return [{ topicName: 't', partition: 0, errorCode: 0, baseOffset: String(nth) }];
        },
      };
    },
  } as unknown as Kafka;
  return { kafka, sent, inFlightMax: () => most, disconnected };
}

const never = {
  nowMs: () => 0,
  sleep: (_ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve())),
};
const record = (value: string) => ({ topic: 't', partition: 0, key: 'k', value });

describe('SerialProducer: two sends in flight of an idempotent producer lose acknowledged records', () => {
  it('has one send in flight, whoever asks, in the order of asking', async () => {
    const { kafka, sent, inFlightMax } = fakeKafka(() => new Promise((resolve) => setImmediate(resolve)));
    const producer = new SerialProducer(kafka, never);
    await Promise.all(['a', 'b', 'c', 'd'].map((value) => producer.send([record(value)])));
    expect(inFlightMax()).toBe(1);
    expect(sent.flatMap(({ values }) => values)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('throws the producer away after an error, tells who asked, and serves the next with a new one', async () => {
    const { kafka, sent, disconnected } = fakeKafka(async (nth) => {
      if (nth === 2) throw new Error('acknowledgement lost');
    });
    const producer = new SerialProducer(kafka, never);
    await producer.send([record('a')]);
    const lost = producer.send([record('b')]);
    const next = producer.send([record('c')]);
    await expect(lost).rejects.toThrow('acknowledgement lost');
    expect(await next).toEqual([{ topic: 't', partition: 0, baseOffset: 3, count: 1 }]);
    expect(sent.map(({ producer: id }) => id)).toEqual([1, 1, 2]);
    expect(disconnected).toEqual([1]);
  });

  it('does not wait for an acknowledgement for ever: kafkajs would', async () => {
    const { kafka } = fakeKafka(() => new Promise(() => undefined));
    const producer = new SerialProducer(kafka, { nowMs: () => 0, sleep: async () => undefined }, 1_000);
    await expect(producer.send([record('a')])).rejects.toMatchObject({
      problem: { code: 'BROKER_AWAY' },
      retryable: true,
    });
  });
});
