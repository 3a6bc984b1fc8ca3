import type { OutgoingRecord, ProducedRange, RecordProducer } from '#libs/messaging';
import { CoalescingWriter } from './coalescing-writer.js';

const record = (value: string): OutgoingRecord => ({ topic: 't', partition: 0, key: 'k', value });

/** Each send waits until the test lets it go. */
class HeldProducer implements RecordProducer {
  readonly sent: string[][] = [];
  private waiting: { resolve: (ranges: ProducedRange[]) => void; reject: (error: Error) => void }[] = [];

  send(records: readonly OutgoingRecord[]): Promise<ProducedRange[]> {
    this.sent.push(records.map(({ value }) => value));
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
  }
  acknowledge(): void {
    this.waiting.shift()?.resolve([]);
  }
  fail(): void {
    this.waiting.shift()?.reject(new Error('gone'));
  }
  async close(): Promise<void> {}
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

it('sends what gathers meanwhile as one, in order, and has one send in flight', async () => {
  const producer = new HeldProducer();
  const writer = new CoalescingWriter(producer);
  const first = writer.write([record('a'), record('b')]);
  await turn();
  const second = writer.write([record('c')]);
  const third = writer.write([record('d')]);
  await turn();
  expect(producer.sent).toEqual([['a', 'b']]);
  producer.acknowledge();
  await first;
  await turn();
  expect(producer.sent).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
  producer.acknowledge();
  await Promise.all([second, third]);
});

it('what is not acknowledged is not accepted, nor what waited behind it; the next goes on', async () => {
  const producer = new HeldProducer();
  const writer = new CoalescingWriter(producer);
  const first = writer.write([record('a')]);
  await turn();
  const second = writer.write([record('b')]);
  producer.fail();
  await expect(first).rejects.toMatchObject({ problem: { code: 'BROKER_AWAY' }, retryable: true });
  await expect(second).rejects.toMatchObject({ problem: { code: 'BROKER_AWAY' } });
  const third = writer.write([record('c')]);
  await turn();
  producer.acknowledge();
  await third;
  expect(producer.sent).toEqual([['a'], ['c']]);
});

it('bounds one send and keeps a request’s records together', async () => {
  const producer = new HeldProducer();
  const writer = new CoalescingWriter(producer);
  const writes = Array.from({ length: 10 }, () => writer.write(Array.from({ length: 1_000 }, () => record('x'))));
  await turn();
  producer.acknowledge();
  await turn();
  producer.acknowledge();
  await Promise.all(writes);
  expect(producer.sent.map((values) => values.length)).toEqual([6_000, 4_000]);
});

it('writes nothing for nothing', async () => {
  const producer = new HeldProducer();
  await new CoalescingWriter(producer).write([]);
  expect(producer.sent).toEqual([]);
});
