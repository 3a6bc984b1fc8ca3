import { randomUUID } from 'node:crypto';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import {
  BatchConsumer,
  createKafka,
  LogReader,
  SerialProducer,
  ThreadPublisher,
  type Kafka,
  type KafkaOptions,
  type LogRecord,
  type OutgoingRecord,
} from '#libs/messaging';
import { SystemClock } from '#libs/clock';
import { openDatabase, type Database, type Sql } from '#libs/persistence';
import {
  MAIN,
  NO_EFFECTS,
  OutboxRelay,
  SHARD_HALT_TABLES,
  SHARD_LOG_TABLES,
  SHARD_MOVE_TABLES,
  ShardDatabases,
  ShardLog,
  type Effects,
  type ShardBatch,
  type ShardProcessor,
} from '#libs/shard-log';
import { testInfrastructure, THREAD, until, type TestInfrastructure } from './infrastructure.js';

class Tables0001 implements MigrationInterface {
  readonly name = 'Tables1700000000001';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SHARD_LOG_TABLES + SHARD_HALT_TABLES + SHARD_MOVE_TABLES);
    await runner.query(
      'create table seen (value text not null, times integer not null default 1, primary key (value))',
    );
  }
  async down(): Promise<void> {}
}

/** Counts how often the effect of each record took hold, and echoes each record to another topic. */
class Counting implements ShardProcessor {
  failOn: (record: LogRecord) => Error | null = () => null;
  beforeReturn: (tx: Sql) => Promise<void> = async () => undefined;
  constructor(private readonly echoTopic: string) {}

  async apply({ records }: ShardBatch, tx: Sql): Promise<Effects> {
    const outgoing: OutgoingRecord[] = [];
    for (const record of records) {
      const failure = this.failOn(record);
      if (failure) throw failure;
      const value = record.value.toString('utf8');
      await tx.query('insert into seen (value) values ($1) on conflict (value) do update set times = seen.times + 1', [
        value,
      ]);
      outgoing.push({ topic: this.echoTopic, partition: record.partition, key: record.key ?? '', value });
    }
    await this.beforeReturn(tx);
    return { ...NO_EFFECTS, outgoing };
  }
}

interface Service {
  readonly processor: Counting;
  readonly log: ShardLog;
  stop(): Promise<void>;
}

describe('the shard log on a real Kafka and a real PostgreSQL', () => {
  let infrastructure: TestInfrastructure;
  let options: KafkaOptions;
  let kafka: Kafka;
  let database: Database;
  let reader: LogReader;
  let feed: SerialProducer;
  let input: string;
  let echo: string;
  let services: Service[] = [];
  let told: string[] = [];
  const clock = new SystemClock();

  beforeAll(async () => {
    infrastructure = await testInfrastructure();
    options = { brokers: infrastructure.brokers.split(','), clientId: 'test' };
    kafka = createKafka(options);
    reader = new LogReader(kafka);
    feed = new SerialProducer(kafka, clock);
  }, 120_000);

  afterAll(async () => {
    await feed.close();
    await reader.close();
    await infrastructure.stop();
  }, 60_000);

  beforeEach(async () => {
    const name = randomUUID().slice(0, 8);
    [input, echo] = [`in.${name}`, `echo.${name}`];
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({
      waitForLeaders: false,
      topics: [input, echo].map((topic) => ({ topic, numPartitions: 4 })),
    });
    for (const topic of [input, echo])
      await until(`leaders of ${topic}`, () => admin.fetchTopicOffsets(topic).catch(() => null));
    await admin.disconnect();
    database = await openDatabase({
      url: infrastructure.databaseUrl,
      schema: `t_${name}`,
      applicationName: 'test',
      migrations: [Tables0001],
    });
  }, 30_000);

  afterEach(async () => {
    for (const service of services) await service.stop();
    services = [];
    await database.query(`drop schema ${database.schema} cascade`);
    await database.close();
  }, 60_000);

  async function startService(): Promise<Service> {
    const processor = new Counting(echo);
    const publisher = new ThreadPublisher({ kafka: options, clock, entry: THREAD });
    const relay = new OutboxRelay({ database, publisher, clock, outputTopic: null, onError: () => undefined });
    const quiet = { warn: () => undefined, error: (_fields: object, message: string) => void told.push(message) };
    const log = new ShardLog({
      service: 'test',
      ...{ databases: new ShardDatabases(database), relays: new Map([[MAIN, relay]]), reader, clock },
      ...{ topics: [input], outputTopic: null, deadLettersTopic: 'makegood.dlq.v1' },
      processor,
      log: quiet,
    });
    const consumer = new BatchConsumer({
      kafka,
      groupId: `g.${input}`,
      topics: [input],
      concurrency: 4,
      handlerOf: () => (batch) => log.process(batch),
      onFatal: (error) => {
        throw error;
      },
      onAssignment: (shards) => log.retain(shards),
      sessionTimeoutMs: 6_000,
    });
    await consumer.start();
    const service = {
      processor,
      log,
      stop: async () => {
        await consumer.stop();
        await relay.flush();
        relay.close();
        await publisher.close();
      },
    };
    services.push(service);
    return service;
  }

  const send = (count: number, from = 0): Promise<unknown> =>
    feed.send(
      Array.from({ length: count }, (_, i) => ({
        topic: input,
        partition: (from + i) % 4,
        key: `k${from + i}`,
        value: `v${from + i}`,
      })),
    );
  const seen = async (): Promise<{ values: number; most: number }> => {
    const [row] = await database.query<{ values: number; most: number }>(
      'select count(*) as values, coalesce(max(times), 0) as most from seen',
    );
    return row as { values: number; most: number };
  };
  const read = async (topic: string): Promise<string[]> => {
    const values: string[] = [];
    for (const { partition, low, high } of await reader.offsetsOf(topic)) {
      await reader.readRange(
        { topic, partition, from: low, to: high },
        async (records) => void values.push(...records.map(({ value }) => value.toString())),
      );
    }
    return values;
  };

  it('applies each record once, publishes it and empties the outbox', async () => {
    await startService();
    await send(2_000);
    await until('2,000 values', async () => (await seen()).values === 2_000);
    expect(await seen()).toEqual({ values: 2_000, most: 1 });
    await until('an empty outbox', async () => (await database.query('select 1 from outbox')).length === 0);
    expect(new Set(await read(echo)).size).toBe(2_000);
  }, 60_000);

  it('isolates the one record that fails by itself: a dead letter with its reason, all others applied', async () => {
    const { processor } = await startService();
    processor.failOn = (record) => (record.value.toString() === 'v137' ? new TypeError('no such field') : null);
    await send(400);
    await until('399 values', async () => (await seen()).values === 399);
    expect((await seen()).most).toBe(1);
    await until('an empty outbox', async () => (await database.query('select 1 from outbox')).length === 0);
    const letters = (await read('makegood.dlq.v1'))
      .map((text) => JSON.parse(text) as { data: Record<string, unknown> })
      .filter(({ data }) => data['topic'] === input);
    expect(letters).toHaveLength(1);
    expect(letters[0]?.data).toMatchObject({
      reason: 'PROCESSING_FAILED',
      detail: 'no such field',
      original: 'v137',
      partition: 1,
    });
  }, 60_000);

  it('retries an infrastructure failure for ever and dead-letters nothing: a connection ended mid-batch', async () => {
    const { processor } = await startService();
    let ended = 0;
    processor.beforeReturn = async (tx) => {
      if (ended++ < 3) await tx.query('select pg_terminate_backend(pg_backend_pid())');
    };
    await send(100);
    await until('100 values', async () => (await seen()).values === 100, 60_000);
    expect((await seen()).most).toBe(1);
    expect(ended).toBeGreaterThan(3);
  }, 90_000);

  it('fences a zombie: an owner that was overtaken has no effect until it has claimed anew', async () => {
    await startService();
    await send(40);
    await until('40 values', async () => (await seen()).values === 40, 60_000);
    // Somebody else claims every shard; the first owner does not know.
    await database.query('update shard set epoch = epoch + 1');
    await database.query('update shard_offset set epoch = epoch + 1');
    await send(40, 40);
    await until('80 values', async () => (await seen()).values === 80, 60_000);
    expect((await seen()).most).toBe(1);
    const epochs = await database.query<{ epoch: number }>('select epoch from shard');
    expect(epochs.map(({ epoch }) => epoch)).toEqual([3, 3, 3, 3]); // claimed, overtaken, claimed anew
  }, 120_000);

  it('two instances share the shards and hand over while records flow: none lost, none twice', async () => {
    await startService();
    await send(500);
    const second = await startService();
    await send(500, 500);
    await until('the second owns shards', () => second.log.ownedShards().length > 0 || null, 60_000);
    await send(500, 1_000);
    await second.stop();
    services = services.filter((service) => service !== second);
    await send(500, 1_500);
    await until('2,000 values', async () => (await seen()).values === 2_000, 60_000);
    expect((await seen()).most).toBe(1);
  }, 180_000);

  it('publishes what a crashed owner committed and did not publish, before its own', async () => {
    const crashed = await startService();
    await send(4);
    await until('4 values', async () => (await seen()).values === 4);
    await crashed.stop();
    services = [];
    await database.query(
      `insert into outbox (shard, topic, records) select s, $1, s || ' - "left"' || chr(10) || 'left' || s from generate_series(0, 3) s`,
      [echo],
    );
    await startService();
    await send(4, 4);
    await until(
      'what was left',
      async () => (await read(echo)).filter((value) => value.startsWith('left')).length === 4,
    );
    await until('an empty outbox', async () => (await database.query('select 1 from outbox')).length === 0);
  }, 90_000);

  it('stands still when the log ends before its offset, and says so; the other shards go on', async () => {
    told = [];
    await database.query(`insert into shard (shard, epoch) values (0, 1)`);
    await database.query('insert into shard_offset values (0, $1, 1000, 1)', [input]);
    await startService();
    await send(40);
    await until('LOG_WENT_BACK', () => told.some((message) => message.startsWith('LOG_WENT_BACK')));
    await until('30 values of the three other shards', async () => (await seen()).values === 30);
    expect(
      (await database.query<{ next: number }>('select next_offset as next from shard_offset where shard = 0'))[0]?.next,
    ).toBe(1000);
  }, 60_000);

  it('seeks to its own offset when the group has none: nothing is applied twice', async () => {
    const first = await startService();
    await send(200);
    await until('200 values', async () => (await seen()).values === 200);
    await first.stop();
    services = [];
    await startService(); // Kafka has no committed offsets: it starts from the beginning and is sent on
    await send(10, 200);
    await until('210 values', async () => (await seen()).values === 210);
    expect((await seen()).most).toBe(1);
  }, 90_000);
});
