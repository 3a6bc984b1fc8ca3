import type { Kafka } from 'kafkajs';
import { LogReader } from './log-reader.js';

type Listener = (event: { payload: unknown }) => void;
type EachBatch = (payload: { batch: unknown }) => Promise<void>;

/** As much of kafkajs as the reader talks to: joins, batches and crashes come by hand. */
class FakeConsumer {
  readonly events = { CRASH: 'crash', GROUP_JOIN: 'join', END_BATCH_PROCESS: 'end' };
  readonly sought: string[] = [];
  isConnected = false;
  private readonly listeners = new Map<string, Listener>();
  private eachBatch: EachBatch = async () => undefined;
  readonly running = Promise.withResolvers<void>();

  on = (event: string, listener: Listener): void => void this.listeners.set(event, listener);
  connect = async (): Promise<void> => void (this.isConnected = true);
  disconnect = async (): Promise<void> => void (this.isConnected = false);
  subscribe = async (): Promise<void> => undefined;
  seek = ({ offset }: { offset: string }): void => void this.sought.push(offset);
  async run(config: { eachBatch: EachBatch }): Promise<void> {
    this.eachBatch = config.eachBatch;
    this.running.resolve();
  }

  tell(event: string, payload: unknown = null): void {
    this.listeners.get(event)?.({ payload });
  }
  crash(error: Error, restart: boolean): void {
    this.tell('crash', { error, restart });
  }
  async batch(from: number, to: number): Promise<void> {
    const offsets = Array.from({ length: to - from + 1 }, (_, i) => String(from + i));
    const messages = offsets.map((offset) => ({ offset, timestamp: '0', key: null, value: Buffer.from(offset) }));
    await this.eachBatch({ batch: { partition: 0, messages } });
    this.tell('end', { partition: 0, lastOffset: String(to) });
  }
}

describe('reading a range of the log', () => {
  let consumer: FakeConsumer;
  let offsets: number[];
  let outcome: Promise<void>;

  beforeEach(async () => {
    consumer = new FakeConsumer();
    offsets = [];
    const admin = {
      connect: async () => undefined,
      fetchTopicOffsets: async () => [{ partition: 0, low: '0', high: '100' }],
    };
    const reader = new LogReader({ consumer: () => consumer, admin: () => admin } as unknown as Kafka);
    outcome = reader.readRange({ topic: 't', partition: 0, from: 3, to: 9 }, async (records) => {
      offsets.push(...records.map(({ offset }) => offset));
    });
    outcome.catch(() => undefined);
    await consumer.running.promise;
  });

  it('goes on where it was after kafkajs has begun anew, and hands over each record once', async () => {
    consumer.crash(new Error('the coordinator is loading'), true);
    consumer.tell('join');
    await consumer.batch(3, 5);
    consumer.crash(new Error('the connection is gone'), true);
    consumer.tell('join');
    await consumer.batch(2, 7); // a batch is fetched whole, also where it begins before what was asked for
    await consumer.batch(8, 12);
    await outcome;
    expect(consumer.sought).toEqual(['3', '6']);
    expect(offsets).toEqual([3, 4, 5, 6, 7, 8]);
    expect(consumer.isConnected).toBe(false);
  });

  it.each([
    ['kafkajs stops for good', new TypeError('broken'), false],
    [
      'kafkajs has retried in vain',
      Object.assign(new Error('no broker'), { name: 'KafkaJSNumberOfRetriesExceeded' }),
      true,
    ],
  ])('rejects where %s', async (_, error, restart) => {
    consumer.tell('join');
    await consumer.batch(3, 5);
    consumer.crash(error, restart);
    await expect(outcome).rejects.toBe(error);
    expect(consumer.isConnected).toBe(false);
  });
});
