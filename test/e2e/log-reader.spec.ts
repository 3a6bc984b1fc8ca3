import { randomUUID } from 'node:crypto';
import { createKafka, LogReader, type Kafka } from '#libs/messaging';
import { testInfrastructure, until, type TestInfrastructure } from './infrastructure.js';

describe('the log reader on a real Kafka', () => {
  let infrastructure: TestInfrastructure;
  let kafka: Kafka;
  let reader: LogReader;
  let topic: string;

  beforeAll(async () => {
    infrastructure = await testInfrastructure();
    kafka = createKafka({ brokers: infrastructure.brokers.split(','), clientId: 'test' });
    reader = new LogReader(kafka);
  }, 120_000);

  afterAll(async () => {
    await reader.close();
    await infrastructure.stop();
  }, 60_000);

  beforeEach(async () => {
    topic = `range.${randomUUID().slice(0, 8)}`;
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ waitForLeaders: false, topics: [{ topic, numPartitions: 1 }] });
    await until(`the leader of ${topic}`, () => admin.fetchTopicOffsets(topic).catch(() => null));
    await admin.disconnect();
  }, 30_000);

  async function read(from: number, to: number): Promise<string[]> {
    const values: string[] = [];
    await reader.readRange(
      { topic, partition: 0, from, to },
      async (records) => void values.push(...records.map(({ value }) => value.toString())),
    );
    return values;
  }

  it('reads a range whose last offset is the marker of a transaction, which is no record', async () => {
    const producer = kafka.producer({ transactionalId: randomUUID(), maxInFlightRequests: 1, idempotent: true });
    await producer.connect();
    const transaction = await producer.transaction();
    await transaction.send({ topic, messages: [{ partition: 0, value: 'told' }] });
    await transaction.commit();
    await producer.disconnect();
    await until('the marker', async () => (await reader.offsetsOf(topic))[0]?.high === 2 || null);
    expect(await read(0, 2)).toEqual(['told']);
  }, 60_000);

  it('reads what is left of a range whose beginning was deleted, and nothing where all of it was', async () => {
    const producer = kafka.producer();
    await producer.connect();
    await producer.send({ topic, messages: ['a', 'b', 'c'].map((value) => ({ partition: 0, value })) });
    await producer.disconnect();
    const admin = kafka.admin();
    await admin.connect();
    await admin.fetchTopicOffsets(topic); // kafkajs deletes only of topics that it has looked up
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '1' }] });
    expect(await read(0, 3)).toEqual(['b', 'c']);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '3' }] });
    expect(await read(0, 3)).toEqual([]);
    await admin.disconnect();
  }, 60_000);
});
