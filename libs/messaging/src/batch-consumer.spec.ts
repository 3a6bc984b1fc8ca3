import type { EachBatchPayload, Kafka } from 'kafkajs';
import { BatchConsumer } from './batch-consumer.js';
import type { BatchOutcome, RecordBatch } from './records.js';

type Listener = (event: { payload: unknown }) => void;

/** As much of kafkajs as the consumer talks to: what it is told to do is noted, batches come by hand. */
class FakeConsumer {
  readonly events = { CRASH: 'crash', GROUP_JOIN: 'join', STOP: 'stop' };
  private isThere = true;
  readonly told: string[] = [];
  private readonly listeners = new Map<string, Listener>();
  private eachBatch: (payload: EachBatchPayload) => Promise<void> = async () => undefined;
  private readonly sought = new Set<string>();

  on(event: string, listener: Listener): void {
    this.listeners.set(event, listener);
  }
  connect = async (): Promise<void> => undefined;
  subscribe = async (): Promise<void> => undefined;
  disconnect = async (): Promise<void> => void this.told.push('disconnect');
  async run(config: { eachBatch: (payload: EachBatchPayload) => Promise<void> }): Promise<void> {
    this.eachBatch = config.eachBatch;
  }
  seek({ topic, partition, offset }: { topic: string; partition: number; offset: string }): void {
    this.assertThere();
    this.sought.add(`${topic}/${partition}`);
    this.told.push(`seek ${topic}/${partition} ${offset}`);
  }
  pause(paused: { topic: string; partitions?: number[] }[]): void {
    this.assertThere();
    for (const { topic, partitions } of paused) this.told.push(`pause ${topic}${partitions ? `/${partitions}` : ''}`);
  }

  resume(): void {
    this.assertThere();
  }

  /** kafkajs has no group any more, and starts anew later. */
  crash(): void {
    this.isThere = false;
    this.listeners.get('stop')?.({ payload: null });
  }

  private assertThere(): void {
    if (!this.isThere) throw new Error('Consumer group was not initialized');
  }

  join(): void {
    this.isThere = true;
    this.listeners.get('join')?.({ payload: { memberAssignment: { t: [0, 1] } } });
  }

  /** Seeks are done by the next fetch, as in kafkajs. */
  fetched(): void {
    this.sought.clear();
  }

  batch(partition: number, from: number, to: number): Promise<void> {
    const offsets = Array.from({ length: to - from + 1 }, (_, i) => from + i);
    const messages = offsets.map((offset) => ({ offset: String(offset), timestamp: '0', key: null, value: null }));
    const batch = { topic: 't', partition, messages, fetchedOffset: String(from), highWatermark: '100' };
    return this.eachBatch({
      batch: { ...batch, lastOffset: () => String(to) },
      resolveOffset: (offset: string) => this.told.push(`read t/${partition} ${offset}`),
      heartbeat: async () => undefined,
      isRunning: () => true,
      isStale: () => this.sought.has(`t/${partition}`),
    } as unknown as EachBatchPayload);
  }
}

interface AtWork {
  readonly batch: RecordBatch;
  end(outcome: BatchOutcome): void;
  fail(error: Error): void;
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('batch consumer', () => {
  let kafkajs: FakeConsumer;
  let consumer: BatchConsumer;
  let work: AtWork[];

  beforeEach(async () => {
    kafkajs = new FakeConsumer();
    work = [];
    consumer = new BatchConsumer({
      kafka: { consumer: () => kafkajs } as unknown as Kafka,
      ...{ groupId: 'g', topics: ['t'], concurrency: 2 },
      handlerOf: () => (batch) => new Promise((end, fail) => work.push({ batch, end, fail })),
      onFatal: (error) => {
        throw error;
      },
    });
    await consumer.start();
    kafkajs.join();
  });

  const begun = (): string[] =>
    work.map(({ batch: { partition, records } }) => `${partition}:${records[0]?.offset}-${records.at(-1)?.offset}`);

  it('lets kafkajs fetch on while a batch is at work', async () => {
    await kafkajs.batch(0, 0, 9);
    await kafkajs.batch(1, 0, 9);
    expect(begun()).toEqual(['0:0-9', '1:0-9']);
    expect(kafkajs.told).toEqual(['read t/0 9', 'read t/1 9']);
  });

  it('has one batch of a partition at work at a time, and no more partitions than it may', async () => {
    await kafkajs.batch(0, 0, 9);
    await kafkajs.batch(1, 0, 9);
    const next = kafkajs.batch(0, 10, 19);
    const third = kafkajs.batch(2, 0, 9);
    await settled();
    expect(begun()).toEqual(['0:0-9', '1:0-9']);
    work[1]?.end({ kind: 'done', nextOffset: 10 });
    await third;
    expect(begun()).toEqual(['0:0-9', '1:0-9', '2:0-9']);
    work[0]?.end({ kind: 'done', nextOffset: 10 });
    await next;
    expect(begun()).toEqual(['0:0-9', '1:0-9', '2:0-9', '0:10-19']);
  });

  it('drops what was fetched behind a batch that is to be read again from elsewhere', async () => {
    await kafkajs.batch(0, 0, 9);
    const next = kafkajs.batch(0, 10, 19);
    work[0]?.end({ kind: 'seek', offset: 4 });
    await next;
    expect(begun()).toEqual(['0:0-9']);
    expect(kafkajs.told).toEqual(['read t/0 9', 'seek t/0 4']);
    kafkajs.fetched();
    await kafkajs.batch(0, 4, 19);
    expect(begun()).toEqual(['0:0-9', '0:4-19']);
  });

  it('tells kafkajs of a failure when the batch comes again, once', async () => {
    await kafkajs.batch(0, 5, 9);
    work[0]?.fail(new Error('handler broken'));
    await settled();
    expect(kafkajs.told).toEqual(['read t/0 9', 'seek t/0 5']);
    kafkajs.fetched();
    await expect(kafkajs.batch(0, 5, 9)).rejects.toThrow('handler broken');
    await kafkajs.batch(0, 5, 9);
    expect(begun()).toEqual(['0:5-9', '0:5-9']);
  });

  it('pauses a partition that stands still', async () => {
    await kafkajs.batch(1, 0, 9);
    work[0]?.end({ kind: 'halt' });
    await settled();
    expect(kafkajs.told).toEqual(['read t/1 9', 'pause t/1']);
  });

  it.each<BatchOutcome>([
    { kind: 'seek', offset: 3 },
    { kind: 'abandon', error: new Error('rebalance') },
    { kind: 'halt' },
  ])('does nothing about the outcome ($kind) of a batch from before another join', async (outcome) => {
    await kafkajs.batch(0, 0, 9);
    expect(work[0]?.batch.isStale()).toBe(false);
    kafkajs.join();
    expect(work[0]?.batch.isStale()).toBe(true);
    work[0]?.end(outcome);
    await settled();
    expect(kafkajs.told).toEqual(['read t/0 9']);
    await kafkajs.batch(0, 0, 9);
    expect(begun()).toEqual(['0:0-9', '0:0-9']);
  });

  it('takes no notice of a batch that ends after kafkajs has stopped, and begins anew with the next join', async () => {
    await kafkajs.batch(0, 0, 9);
    kafkajs.crash();
    expect(work[0]?.batch.isStale()).toBe(true);
    work[0]?.end({ kind: 'abandon', error: new Error('the coordinator is away') });
    consumer.resume(1);
    await settled();
    expect(kafkajs.told).toEqual(['read t/0 9']);
    kafkajs.join();
    await kafkajs.batch(0, 0, 9);
    expect(begun()).toEqual(['0:0-9', '0:0-9']);
  });

  it('stops when kafkajs has stopped before', async () => {
    kafkajs.crash();
    await consumer.stop();
    expect(kafkajs.told).toEqual(['disconnect']);
  });

  it('leaves the group when what is at work is done, and begins nothing meanwhile', async () => {
    await kafkajs.batch(0, 0, 9);
    const stopped = consumer.stop();
    expect(work[0]?.batch.isStale()).toBe(true);
    await kafkajs.batch(1, 0, 9);
    expect(begun()).toEqual(['0:0-9']);
    expect(kafkajs.told).toEqual(['read t/0 9', 'pause t']);
    work[0]?.end({ kind: 'done', nextOffset: 10 });
    await stopped;
    expect(kafkajs.told.at(-1)).toBe('disconnect');
  });
});
