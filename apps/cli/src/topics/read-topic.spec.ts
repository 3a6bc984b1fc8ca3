import type { Kafka } from '#libs/messaging';
import { readTopics, type ReadOptions } from './read-topic.js';

type EachBatch = (payload: { batch: object; resolveOffset: (offset: string) => void }) => Promise<void>;

/** As much of kafkajs as is talked to: a log of ten records in each of two partitions, and crashes by hand. */
class FakeKafka {
  readonly sought: string[] = [];
  readonly running = Promise.withResolvers<void>();
  private eachBatch: EachBatch = async () => undefined;
  private onJoin: () => void = () => undefined;

  admin = (): object => ({
    connect: async () => undefined,
    disconnect: async () => undefined,
    deleteGroups: async () => undefined,
    fetchTopicOffsets: async () => [0, 1].map((partition) => ({ partition, low: '0', high: '10' })),
  });
  consumer = (): object => ({
    events: { GROUP_JOIN: 'join' },
    connect: async () => undefined,
    disconnect: async () => undefined,
    subscribe: async () => undefined,
    on: (_: string, listener: () => void) => void (this.onJoin = listener),
    seek: ({ partition, offset }: { partition: number; offset: string }) =>
      void this.sought.push(`${partition}:${offset}`),
    run: async (config: { eachBatch: EachBatch }) => {
      this.eachBatch = config.eachBatch;
      this.running.resolve();
    },
  });

  /** kafkajs starts, or starts anew: it knows nothing of where it was. */
  join(): string[] {
    this.sought.length = 0;
    this.onJoin();
    return [...this.sought];
  }
  batch(partition: number, from: number, to: number): Promise<void> {
    const messages = Array.from({ length: to - from + 1 }, (_, i) => ({ offset: String(from + i), value: null }));
    const batch = { topic: 't', partition, messages, lastOffset: () => String(to) };
    return this.eachBatch({ batch, resolveOffset: () => undefined });
  }
}

describe('reading topics from a command', () => {
  const read = (kafka: FakeKafka, options: Pick<ReadOptions, 'from' | 'untilEnd' | 'signal'>) => {
    const seen: string[] = [];
    const all = { brokers: '', topics: ['t'], ...options };
    const count = readTopics(
      all,
      ({ partition, offset }) => seen.push(`${partition}:${offset}`),
      kafka as unknown as Kafka,
    );
    return { seen, count };
  };

  it('goes on where it was after kafkajs has begun anew, and counts each record once', async () => {
    const kafka = new FakeKafka();
    const { seen, count } = read(kafka, { from: 'earliest', untilEnd: true });
    await kafka.running.promise;
    expect(kafka.join()).toEqual(['0:0', '1:0']);
    await kafka.batch(0, 0, 3);
    expect(kafka.join()).toEqual(['0:4', '1:0']);
    await kafka.batch(0, 2, 9); // a batch is fetched whole, also where it begins before what was asked for
    await kafka.batch(1, 0, 12); // what came after the ends of the beginning is left out
    expect(await count).toBe(20);
    expect(new Set(seen).size).toBe(20);
  });

  it('misses nothing of what comes after it was called, whenever it joins', async () => {
    const kafka = new FakeKafka();
    const stop = new AbortController();
    const { seen, count } = read(kafka, { from: 'latest', untilEnd: false, signal: stop.signal });
    await kafka.running.promise;
    expect(kafka.join()).toEqual(['0:10', '1:10']);
    await kafka.batch(1, 10, 11);
    expect(kafka.join()).toEqual(['0:10', '1:12']);
    stop.abort();
    expect(await count).toBe(2);
    expect(seen).toEqual(['1:10', '1:11']);
  });
});
