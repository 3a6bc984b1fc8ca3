import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { DEFAULT_SHARD_COUNT, partitionOf, TOPICS, type CloudEvent, type LineEventData } from '#libs/contracts';
import { createKafka, LogReader, SerialProducer, type Kafka } from '#libs/messaging';
import { SystemClock } from '#libs/clock';
import { findDrift } from '../../apps/compensation/src/ledger/self-check.js';
import { CompensationWorld, NO_DRIFT } from './compensation-world.js';
import { freePortBase, testInfrastructure, until, type TestInfrastructure } from './infrastructure.js';

const ROOT = resolve(import.meta.dirname, '../..');
const SHARD = 7;
const PROMISES = 40;
const LINES = PROMISES * 2;

type LineEvent = CloudEvent<LineEventData>;

describe('compensation, killed where it hurts', () => {
  let infrastructure: TestInfrastructure;
  let world: CompensationWorld;
  let kafka: Kafka;
  let reader: LogReader;
  beforeAll(async () => {
    infrastructure = await testInfrastructure();
    world = await CompensationWorld.open(infrastructure.databaseUrl);
    kafka = createKafka({ brokers: infrastructure.brokers.split(','), clientId: 'test' });
    reader = new LogReader(kafka);
  }, 120_000);
  afterAll(async () => {
    await reader.close();
    await world.database.close();
    await infrastructure.stop();
  }, 60_000);

  /** What other specs have left on the topics is none of this one's business. */
  async function beginAtTheEnd(): Promise<void> {
    for (const topic of [TOPICS.promises, TOPICS.settlements, TOPICS.signals]) {
      const offsets = await reader.offsetsOf(topic);
      await world.database.query(
        'insert into shard_offset (shard, topic, next_offset, epoch) select shard, $2, next, 0 from unnest($1::integer[], $3::bigint[]) as x (shard, next)',
        [offsets.map(({ partition }) => partition), topic, offsets.map(({ high }) => high)],
      );
    }
    const output = await reader.offsetsOf(TOPICS.compensations);
    await world.database.query(
      'insert into shard (shard, epoch, output_offset) select shard, 0, next from unnest($1::integer[], $2::bigint[]) as x (shard, next)',
      [output.map(({ partition }) => partition), output.map(({ high }) => high)],
    );
  }

  /** Breaches of customers of one shard, so that one transaction decides them all. */
  async function tellBreaches(): Promise<void> {
    const customers = Array.from({ length: PROMISES * 40 }, (_, i) => `killed-${i}`)
      .filter((customer) => partitionOf(customer, DEFAULT_SHARD_COUNT) === SHARD)
      .slice(0, PROMISES);
    const producer = new SerialProducer(kafka, new SystemClock());
    await producer.send(
      customers.map((customer) => {
        const record = world.promise('breached', { subject: `of-${customer}`, customer, sequence: 2 });
        return { topic: TOPICS.promises, partition: SHARD, key: customer, value: record.value.toString('utf8') };
      }),
    );
    await producer.close();
  }

  async function start(failpoint: string): Promise<{ stop(): void; readonly killedBy: Promise<string | null> }> {
    const child = spawn(
      process.execPath,
      ['--import', `${ROOT}/test/e2e/failpoint.mjs`, 'dist/apps/compensation/src/main.js'],
      {
        cwd: ROOT,
        stdio: 'ignore',
        env: {
          PATH: process.env['PATH'],
          FAILPOINT: failpoint,
          MAKEGOOD_PORT: String(await freePortBase()),
          KAFKA_BROKERS: infrastructure.brokers,
          DATABASE_URL: infrastructure.databaseUrl,
          MAKEGOOD_SHARDS: String(DEFAULT_SHARD_COUNT),
          MAKEGOOD_SCHEMA: world.database.schema,
          // A group of its own each time: a killed member would be waited for until its session is over.
          MAKEGOOD_GROUP: `${world.database.schema}.${failpoint}`,
          LOG_LEVEL: 'error',
        },
      },
    );
    const killedBy = new Promise<string | null>((done) => child.once('exit', (_code, signal) => done(signal)));
    return { stop: () => void child.kill('SIGKILL'), killedBy };
  }

  async function told(): Promise<LineEvent[]> {
    const events: LineEvent[] = [];
    for (const { partition, low, high } of await reader.offsetsOf(TOPICS.compensations)) {
      await reader.readRange({ topic: TOPICS.compensations, partition, from: low, to: high }, async (records) => {
        for (const { value } of records) events.push(JSON.parse(value.toString('utf8')) as LineEvent);
      });
    }
    return events.filter(({ subject }) => subject.startsWith('of-killed-'));
  }

  const count = async (table: string): Promise<number> =>
    (await world.database.query<{ n: number }>(`select count(*) as n from ${table}`))[0]?.n ?? 0;

  it('tells each line once by its idempotency key, and its ledger balances', async () => {
    await beginAtTheEnd();
    await tellBreaches();
    const at = async (failpoint: string) => {
      expect(await (await start(failpoint)).killedBy).toBe('SIGKILL');
      return { lines: await count('line'), rows: (await count('outbox')) > 0, events: (await told()).length };
    };
    expect(await at('before-commit')).toEqual({ lines: 0, rows: false, events: 0 });
    expect(await at('before-publish')).toEqual({ lines: LINES, rows: true, events: 0 });
    expect(await at('after-publish')).toEqual({ lines: LINES, rows: true, events: LINES });
    expect(await at('before-delete')).toEqual({ lines: LINES, rows: true, events: 2 * LINES });
    const last = await start('nowhere');
    await until('the outbox to be empty', async () => (await count('outbox')) === 0, 60_000);
    last.stop();
    await last.killedBy;

    const events = await told();
    const bytesOf = Map.groupBy(events, ({ id }) => id);
    for (const same of bytesOf.values()) expect(new Set(same.map((event) => JSON.stringify(event))).size).toBe(1);
    const refunds = [...bytesOf.values()].map(([event]) => event as LineEvent).filter(({ data }) => data.amount);
    expect(refunds.every(({ type }) => type === 'makegood.refund.requested')).toBe(true);
    expect(new Set(refunds.map(({ data }) => data.idempotencyKey)).size).toBe(refunds.length);
    expect([bytesOf.size, refunds.length]).toEqual([LINES, PROMISES]);
    expect(await count('line')).toBe(LINES);
    expect(await world.balances()).toEqual({ expense: PROMISES * 2_200, payable: -PROMISES * 2_200 });
    expect(await findDrift(world.database)).toEqual(NO_DRIFT);
    expect(await world.disagreements()).toEqual([]);
  }, 120_000);
});
