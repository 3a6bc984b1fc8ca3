import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SystemClock } from '#libs/clock';
import {
  createKafka,
  LogReader,
  packRecords,
  ThreadPublisher,
  type Kafka,
  type KafkaOptions,
  type OutgoingRecord,
  type PackedRow,
} from '#libs/messaging';
import { testInfrastructure, THREAD, until, type TestInfrastructure } from './infrastructure.js';

const clock = new SystemClock();

describe('the thread that publishes, on a real Kafka', () => {
  let infrastructure: TestInfrastructure;
  let options: KafkaOptions;
  let kafka: Kafka;
  let reader: LogReader;
  let topic: string;
  const scratch = mkdtempSync(join(tmpdir(), 'makegood-thread-'));

  beforeAll(async () => {
    infrastructure = await testInfrastructure();
    options = { brokers: infrastructure.brokers.split(','), clientId: 'test' };
    kafka = createKafka(options);
    reader = new LogReader(kafka);
  }, 120_000);
  afterAll(async () => {
    await reader.close();
    await infrastructure.stop();
    rmSync(scratch, { recursive: true });
  }, 60_000);

  beforeEach(async () => {
    topic = `thread.${randomUUID().slice(0, 8)}`;
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ waitForLeaders: false, topics: [{ topic, numPartitions: 2 }] });
    await until(`leaders of ${topic}`, () => admin.fetchTopicOffsets(topic).catch(() => null));
    await admin.disconnect();
  }, 30_000);

  const rowOf = (...records: readonly Omit<OutgoingRecord, 'topic'>[]): PackedRow => ({
    topic,
    bytes: packRecords(records.map((record) => ({ topic, ...record }))),
  });
  async function read(partition: number): Promise<[key: string | null, value: string][]> {
    const found: [string | null, string][] = [];
    const { low, high } = (await reader.offsetsOf(topic)).find((each) => each.partition === partition) ?? {
      low: 0,
      high: 0,
    };
    await reader.readRange({ topic, partition, from: low, to: high }, async (records) => {
      for (const { key, value } of records) found.push([key, value.toString('utf8')]);
    });
    return found;
  }

  it('writes what the rows hold, in every script, and says where it landed', async () => {
    const publisher = new ThreadPublisher({ kafka: options, clock, entry: THREAD });
    const first = await publisher.publish([
      rowOf({ partition: 0, key: '日本 "é"', value: '{"said":"😀 Łódź"}' }, { partition: 1, key: '', value: '' }),
      { topic, bytes: Buffer.from('0 1500000000000 "left"\n{"by":"an older version"}') },
    ]);
    const second = await publisher.publish([rowOf({ partition: 0, key: 'k', value: 'last' })]);
    await publisher.close();
    expect(new Set(first)).toEqual(
      new Set([
        { topic, partition: 0, baseOffset: 0, count: 2 },
        { topic, partition: 1, baseOffset: 0, count: 1 },
      ]),
    );
    expect(second).toEqual([{ topic, partition: 0, baseOffset: 2, count: 1 }]);
    expect(await read(0)).toEqual([
      ['日本 "é"', '{"said":"😀 Łódź"}'],
      ['left', '{"by":"an older version"}'],
      ['k', 'last'],
    ]);
    expect(await read(1)).toEqual([['', '']]);
  }, 60_000);

  it('keeps the order over many parts', async () => {
    const publisher = new ThreadPublisher({ kafka: options, clock, entry: THREAD });
    const rows = Array.from({ length: 5 }, (_, n) =>
      rowOf(...Array.from({ length: 700 }, (__, i) => ({ partition: 0, key: 'k', value: String(n * 700 + i) }))),
    );
    const ranges = await Promise.all([publisher.publish(rows.slice(0, 3)), publisher.publish(rows.slice(3))]);
    await publisher.close();
    expect(ranges.flat().map(({ baseOffset, count }) => [baseOffset, count])).toEqual([
      [0, 1_000],
      [1_000, 1_000],
      [2_000, 100],
      [2_100, 1_000],
      [3_100, 400],
    ]);
    expect((await read(0)).map(([, value]) => Number(value))).toEqual(Array.from({ length: 3_500 }, (_, i) => i));
  }, 60_000);

  it('dies with a publication that is acknowledged and not told: the same bytes go again on a new thread', async () => {
    const file = pathToFileURL(join(import.meta.dirname, 'dying-thread.mjs'));
    file.searchParams.set('marker', join(scratch, 'died'));
    const entry = new URL(`data:text/javascript,import '${file.href}';`); // of a file as entry the query is not kept
    const publisher = new ThreadPublisher({ kafka: options, clock, entry });
    const row = rowOf({ partition: 0, key: 'k', value: 'é' });
    await expect(publisher.publish([row])).rejects.toMatchObject({ problem: { code: 'PUBLISHER_DIED' } });
    expect(await publisher.publish([row])).toEqual([{ topic, partition: 0, baseOffset: 1, count: 1 }]);
    await publisher.close();
    expect(await read(0)).toEqual([
      ['k', 'é'],
      ['k', 'é'],
    ]);
  }, 60_000);
});
