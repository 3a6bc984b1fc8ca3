import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  encodeCloudEvent,
  LETTER_TYPE,
  letterEventOf,
  partitionOf,
  SOURCES,
  TOPICS,
  type LoyaltyEvent,
} from '#libs/contracts';
import { createKafka, LogReader, SerialProducer, type Kafka, type OutgoingRecord } from '#libs/messaging';
import { SystemClock } from '#libs/clock';
import { deadLetterIdOf } from '#libs/shard-log';
import { formatApiKey, hashSecret, newApiKey } from '#libs/security';
import { DAY_MS, lineEvent, promiseEvent, START_MS } from '../../apps/loyalty/src/apply-log/events-for-tests.js';
import { freePortBase, testInfrastructure, until, type TestInfrastructure } from './infrastructure.js';

const SHARDS = 12;
const DUE = START_MS + DAY_MS;
const RUN = randomUUID().slice(0, 8);
const late = `late-${RUN}`;
const early = `early-${RUN}`;
const key = newApiKey();

interface Customer {
  readonly score: number;
  readonly tier: string;
  readonly promises: Record<string, number>;
  readonly compensation: readonly { amountMinor: number; currency: string }[];
  readonly parts: readonly { part: string; points: number }[];
  readonly baseline: number;
  readonly why: readonly { event: string; points: number }[];
}

let infrastructure: TestInfrastructure;
let kafka: Kafka;
let producer: SerialProducer;
let service: ChildProcess;
let url: string;

function recordFor(topic: string, event: { data: { customer: string } }): OutgoingRecord {
  const { customer } = event.data;
  return { topic, partition: partitionOf(customer, SHARDS), key: customer, value: JSON.stringify(event) };
}

function startService(port: number): ChildProcess {
  return spawn(process.execPath, ['dist/apps/loyalty/src/main.js'], {
    stdio: 'ignore',
    env: {
      PATH: process.env['PATH'],
      MAKEGOOD_PORT: String(port),
      KAFKA_BROKERS: infrastructure.brokers,
      DATABASE_URL: infrastructure.databaseUrl,
      MAKEGOOD_SCHEMA: `loyalty_${RUN}`,
      MAKEGOOD_GROUP: `makegood.loyalty.${RUN}`,
      MAKEGOOD_BOOTSTRAP_KEY: `${key.keyId}:${hashSecret(key.secret)}`,
    },
  });
}

async function get<T>(path: string): Promise<{ status: number; body: T } | null> {
  try {
    const answer = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${formatApiKey(key)}` } });
    return { status: answer.status, body: (await answer.json()) as T };
  } catch {
    return null; // not listening yet
  }
}

const customerWhen = (id: string, fits: (customer: Customer) => boolean): Promise<Customer> =>
  until(
    `customer ${id}`,
    async () => {
      const answer = await get<Customer>(`/customers/${id}?asOf=2026-03-04T00:00:00Z`);
      return answer?.status === 200 && fits(answer.body) ? answer.body : null;
    },
    60_000,
  );

async function announced(customer: string): Promise<LoyaltyEvent[]> {
  const reader = new LogReader(kafka);
  const partition = partitionOf(customer, SHARDS);
  const { low, high } = (await reader.offsetsOf(TOPICS.loyalty))[partition] ?? { low: 0, high: 0 };
  const events: LoyaltyEvent[] = [];
  await reader.readRange({ topic: TOPICS.loyalty, partition, from: low, to: high }, async (records) => {
    for (const { key: of, value } of records)
      if (of === customer) events.push(JSON.parse(value.toString()) as LoyaltyEvent);
  });
  await reader.close();
  return events;
}

describe('loyalty on a real Kafka and a real PostgreSQL', () => {
  beforeAll(async () => {
    infrastructure = await testInfrastructure();
    kafka = createKafka({ brokers: infrastructure.brokers.split(','), clientId: 'loyalty-e2e' });
    producer = new SerialProducer(kafka, new SystemClock());
    const port = (await freePortBase()) + 7;
    url = `http://127.0.0.1:${port}`;
    service = startService(port);
    await until('the service', async () => (await get('/health/ready'))?.status === 200, 60_000);
  }, 120_000);

  afterAll(async () => {
    service?.kill('SIGKILL');
    await producer?.close();
    await infrastructure?.stop();
  }, 60_000);

  it('scores what it reads, once, whatever comes twice; behind a poison only its key waits', async () => {
    const breached = promiseEvent({
      kind: 'breached',
      sequence: 2,
      customer: late,
      state: 'breached',
      verdict: 'breached',
      decidedAtMs: DUE + 1_000,
    });
    const kept = promiseEvent({
      kind: 'kept',
      sequence: 2,
      customer: early,
      state: 'kept',
      verdict: 'kept',
      completedAtMs: DUE - DAY_MS,
      decidedAtMs: DUE - DAY_MS,
    });
    const refund = lineEvent({ type: 'refund.requested', customer: late, decidedAtMs: DUE + 1_000 });
    const poison = { ...recordFor(TOPICS.promises, breached), value: '{"type":' };
    const [placed] = await producer.send([poison]);
    await producer.send([
      recordFor(TOPICS.compensations, refund),
      recordFor(TOPICS.promises, breached),
      recordFor(TOPICS.promises, breached),
      recordFor(TOPICS.promises, kept),
      recordFor(TOPICS.compensations, refund),
    ]);

    const glad = await customerWhen(early, ({ promises }) => promises['kept'] === 1);
    expect(glad.score).toBeGreaterThan(glad.baseline);
    await until('what waits behind the poison', async () => {
      const parked = (await get<{ parked: { keys: number; records: number } }>('/progress'))?.body.parked;
      return parked?.keys === 1 && parked.records === 3;
    });
    const { topic, partition } = poison;
    const letter = deadLetterIdOf('loyalty', { topic, partition, offset: placed?.baseOffset ?? -1 });
    const word = letterEventOf({ id: letter, status: 'discarded' }, SOURCES.intake, late, DUE);
    await producer.send([{ topic, partition, key: LETTER_TYPE, value: encodeCloudEvent(word) }]);

    const hurt = await customerWhen(
      late,
      ({ promises, compensation }) => promises['missed'] === 1 && compensation.length === 1,
    );
    expect(hurt).toMatchObject({ tier: 'neutral', compensation: [{ amountMinor: 2_000, currency: 'CNY' }] });
    expect(hurt.score).toBeLessThan(hurt.baseline);
    expect(hurt.baseline + hurt.parts.reduce((sum, { points }) => sum + points, 0)).toBeCloseTo(hurt.score, 9);
    expect(hurt.why.map(({ event }) => event)).toEqual(['recovery.done', 'promise.breached']);

    await until('an empty outbox', async () => (await get<{ outboxRows: number }>('/progress'))?.body.outboxRows === 0);
    const [told, ...more] = await announced(early);
    expect(more).toEqual([]);
    expect(told).toMatchObject({
      type: 'makegood.loyalty.score-changed',
      subject: early,
      data: { cause: { eventId: kept.id } },
    });
  }, 120_000);

  it('puts rules into force by a command, through the log', async () => {
    const post = (path: string, body: object): Promise<Response> =>
      fetch(`${url}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${formatApiKey(key)}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const purchasing = { r: 0.4, alpha: 2, a: 1.1, b: 1.9 };
    const [ruleset, reason] = [`ours-${RUN}`, 'fits us better'];
    expect(await (await post('/model/apply', { ruleset, reason })).json()).toMatchObject({ code: 'MODEL_NOT_FITTED' });
    expect((await post('/model/apply', { ruleset, reason, purchasing })).status).toBe(202);
    const inForce = async () => (await get<{ ruleset: string }>('/model'))?.body.ruleset;
    await until('the new rules', async () => (await inForce()) === ruleset);
    const customer = await get<{ ruleset: string }>(`/customers/${late}?asOf=2026-03-04T00:00:00Z`);
    expect(customer?.body.ruleset).toBe(ruleset);
    const other = await post('/model/apply', { ruleset, reason, purchasing: { ...purchasing, r: 1 } });
    expect(await other.json()).toMatchObject({ status: 409, code: 'RULESET_TAKEN' });
    expect((await post('/model/withdraw', { reason })).status).toBe(202);
    await until('the rules of the file', async () => (await inForce()) === '2026-01');
  }, 60_000);

  it('answers lists, and refuses in words', async () => {
    const before = Buffer.from(early.slice(0, -1)).toString('base64url'); // other specs may have customers of their own
    const list = await get<{ customers: { customer: string }[] }>(`/customers?tier=neutral&limit=1&cursor=${before}`);
    expect(list?.body.customers.map(({ customer }) => customer)).toEqual([early]);
    expect(await get('/customers/nobody')).toMatchObject({ status: 404, body: { code: 'CUSTOMER_UNKNOWN' } });
    expect(await get('/customers?tier=neutrl')).toMatchObject({
      status: 400,
      body: { code: 'QUERY_INVALID', advice: 'did you mean neutral?' },
    });
    expect((await fetch(`${url}/customers`)).status).toBe(401);
  });
});
