import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONTROL_TYPES, partitionOf, TOPICS, type CloudEvent } from '#libs/contracts';
import { createKafka, LogReader, SerialProducer, type LogRecord } from '#libs/messaging';
import { SystemClock } from '#libs/clock';
import { formatApiKey, hashSecret, newApiKey } from '#libs/security';
import { startInfrastructure, type Infrastructure } from '../../apps/cli/src/stack/infrastructure.js';
import { freePortBase, until } from './infrastructure.js';

const SHARDS = 12;
const SET_ID = 'first-set';
const admin = newApiKey();
const dataDir = mkdtempSync(join(tmpdir(), 'makegood-intake-'));
const sourcesFile = join(dataDir, 'sources.yaml');
const SOURCES_TEXT = `apiVersion: makegood/v1
kind: Sources
sources:
  - { name: olist, source: shop/olist, maps: [olist-orders.map.yaml] }
  - { name: parcels, source: post/parcels, heartbeat: { within: PT2S, by: event.data.office } }
`;

// Its own broker: the log must be empty at first, and the broker is stopped midway.
let infrastructure: Infrastructure;
let reader: LogReader;
let producer: SerialProducer;
const services: ChildProcess[] = [];
let ports: [number, number];

beforeAll(async () => {
  writeFileSync(sourcesFile, SOURCES_TEXT);
  const portBase = await freePortBase();
  ports = [portBase + 1, portBase + 2];
  infrastructure = await startInfrastructure({ dataDir, portBase, mode: 'live' });
  const kafka = createKafka({ brokers: [infrastructure.brokers], clientId: 'intake-spec' });
  reader = new LogReader(kafka);
  producer = new SerialProducer(kafka, new SystemClock());
  services.push(startIntake(ports[0]));
  await until('the first intake to listen', () => get(0, '/health/live'));
}, 120_000);

afterAll(async () => {
  for (const service of services) service.kill('SIGKILL');
  await producer?.close();
  await reader?.close();
  await infrastructure?.stop();
  rmSync(dataDir, { recursive: true, force: true });
}, 60_000);

function startIntake(port: number): ChildProcess {
  return spawn(process.execPath, ['dist/apps/intake/src/main.js'], {
    stdio: 'ignore',
    env: {
      PATH: process.env['PATH'],
      MAKEGOOD_PORT: String(port),
      KAFKA_BROKERS: infrastructure.brokers,
      DATABASE_URL: infrastructure.databaseUrl,
      MAKEGOOD_SOURCES_FILE: sourcesFile,
      MAKEGOOD_SIGNALS_FILE: 'samples/signals.yaml',
      MAKEGOOD_MAPS_DIR: 'samples',
      MAKEGOOD_SEND_DEADLINE_MS: '2000',
      MAKEGOOD_BOOTSTRAP_KEY: `${admin.keyId}:${hashSecret(admin.secret)}`,
    },
  });
}

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly retryAfter: string | null;
}

async function request(
  instance: number,
  path: string,
  init: RequestInit & { type?: string; key?: string },
): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${ports[instance]}${path}`, {
    ...init,
    headers: {
      authorization: `Bearer ${init.key ?? formatApiKey(admin)}`,
      ...(init.type ? { 'content-type': init.type } : {}),
    },
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json');
  return {
    status: response.status,
    body: isJson ? JSON.parse(text) : { text },
    retryAfter: response.headers.get('retry-after'),
  };
}
const get = (instance: number, path: string): Promise<Answer | null> => request(instance, path, {}).catch(() => null);
const post = (path: string, body: string, type = 'application/cloudevents+json', key?: string): Promise<Answer> =>
  request(0, path, { method: 'POST', body, type, ...(key ? { key } : {}) });

const eventOf = (id: string, change: object = {}): string =>
  JSON.stringify({
    specversion: '1.0',
    id,
    source: 'shop/a',
    type: 'shop.order.placed',
    subject: `order-${id}`,
    time: '2026-03-05T12:00:00+01:00',
    data: { customerId: 'c1' },
    ...change,
  });

/** Everything in one partition, as it stands now. */
async function recordsOf(topic: string, partition: number): Promise<{ record: LogRecord; event: CloudEvent }[]> {
  const end = (await reader.offsetsOf(topic))[partition]?.high ?? 0;
  const found: { record: LogRecord; event: CloudEvent }[] = [];
  await reader.readRange({ topic, partition, from: 0, to: end }, async (records) => {
    for (const record of records)
      found.push({ record, event: JSON.parse(record.value.toString('utf8')) as CloudEvent });
  });
  return found;
}
const found = async (topic: string, key: string, id: string) =>
  (await recordsOf(topic, partitionOf(key, SHARDS))).find(({ event }) => event.id === id);
const activate = () =>
  producer.send([
    {
      topic: TOPICS.control,
      partition: 0,
      key: 'guarantees',
      value: eventOf(SET_ID, {
        type: CONTROL_TYPES.guaranteesActivated,
        source: 'makegood/sla-timer',
        data: { setHash: 'h', files: [] },
      }),
    },
  ]);
async function leaseHeld(instance: number): Promise<boolean> {
  const metrics = String((await get(instance, '/metrics'))?.body['text']);
  return /^makegood_intake_lease_held 1$/m.test(metrics);
}

it('takes no fact before the first terms, then copies them to every shard', async () => {
  expect(await post('/events', eventOf('early'))).toMatchObject({
    status: 503,
    body: { code: 'NOT_READY_NO_GUARANTEES' },
    retryAfter: '2',
  });
  expect((await get(0, '/health/ready'))?.status).toBe(503);
  await activate();
  await until('intake to be ready', async () => (await get(0, '/health/ready'))?.status === 200);
  for (const topic of [TOPICS.events, TOPICS.settlements]) {
    for (let partition = 0; partition < SHARDS; partition++) {
      const copies = (await recordsOf(topic, partition)).filter(({ event }) => event.id === SET_ID);
      expect(copies).toHaveLength(1);
    }
  }
}, 90_000);

it('answers 202 for what is in the log, canonical and under its key', async () => {
  expect(await post('/events', eventOf('e1', { receivedat: '2001-01-01T00:00:00Z', note: 'kept' }))).toMatchObject({
    status: 202,
    body: { accepted: 1, rejected: [] },
  });
  const e1 = await found(TOPICS.events, 'order-e1', 'e1');
  expect(e1?.record.key).toBe('order-e1');
  expect(e1?.event).toEqual(JSON.parse(eventOf('e1', { note: 'kept' })));
});

it('takes a batch in part and tells the rest by index', async () => {
  const body = `[${eventOf('b1')},${eventOf('b2', { time: 'soon' })},${eventOf('b3')}]`;
  expect(await post('/events', body, 'application/cloudevents-batch+json')).toMatchObject({
    status: 202,
    body: { accepted: 2, rejected: [{ index: 1, code: 'FIELD_INVALID', pointer: '/time' }] },
  });
  expect(await found(TOPICS.events, 'order-b3', 'b3')).toBeDefined();
});

it('makes a key for a source, lets it speak for that source alone, and takes it back', async () => {
  const made = await post('/keys', JSON.stringify({ role: 'upstream', source: 'shop/b' }), 'application/json');
  expect(made.status).toBe(201);
  const { id, key } = made.body as { id: string; key: string };
  const send = (source: string) =>
    post('/events', eventOf(`k-${source}`, { source }), 'application/cloudevents+json', key);
  expect(await send('shop/b')).toMatchObject({ status: 202 });
  expect(await send('shop/a')).toMatchObject({ status: 403, body: { code: 'WRONG_SOURCE' } });
  expect(await request(0, `/keys/${id}`, { method: 'DELETE' })).toMatchObject({
    status: 200,
    body: { id, revoked: true },
  });
  expect(await send('shop/b')).toMatchObject({ status: 401 });
});

it('turns a source’s own rows into events by its map', async () => {
  const csv = [
    'order_id,customer_unique_id,customer_state,status,purchased_at,delivered_at,promised_date,freight_centavos,payment_centavos,review_score,review_created_at',
    'row-1,c1,SP,delivered,2018-05-01T10:00:00,2018-05-08T18:30:00,2018-05-20,1290,5000,,',
    'row-2,c2,SP,delivered,some day,,2018-05-20,1290,5000,,',
  ].join('\n');
  expect(await post('/sources/olist', csv, 'text/csv')).toMatchObject({
    status: 202,
    body: { accepted: 2, rejected: [{ index: 1, code: 'ROW_INVALID' }] },
  });
  expect((await found(TOPICS.events, 'row-1', 'shop.order.delivered:row-1'))?.event.time).toBe(
    '2018-05-08T21:30:00.000Z',
  );
});

it('passes on what comes by Kafka with its append time, the rest to the dead letters', async () => {
  const record = (id: string, change?: object) => ({
    topic: TOPICS.ingress,
    partition: 3,
    key: 'any',
    value: eventOf(id, change),
  });
  const [range] = await producer.send([record('i1'), record('i2', { time: '2090-01-01T00:00:00Z' }), record('i3')]);
  const [i1, i3] = await until('both good events', async () => {
    const pair = [await found(TOPICS.events, 'order-i1', 'i1'), await found(TOPICS.events, 'order-i3', 'i3')];
    return pair.every(Boolean) && pair;
  });
  const ingress = await recordsOf(TOPICS.ingress, 3);
  const appendedAt = new Date(ingress[range?.baseOffset ?? 0]?.record.timestampMs ?? 0).toISOString();
  expect(i1?.event).toMatchObject({ receivedat: appendedAt });
  expect(i3).toBeDefined();
  const letter = await until('the dead letter', async () => (await recordsOf(TOPICS.deadLetters, 3))[0]);
  expect(letter.event.data).toMatchObject({ reason: 'FUTURE_FACT', topic: TOPICS.ingress, partition: 3 });
}, 60_000);

it('tells by its ticks which voice of a source is silent, until it is heard again', async () => {
  const scan = (id: string) => post('/events', eventOf(id, { source: 'post/parcels', data: { office: 'KS' } }));
  const silentNow = async (): Promise<unknown> => {
    const ticks = (await recordsOf(TOPICS.events, 0)).filter(({ event }) => event.type === 'makegood.tick');
    return ticks.at(-1)?.event.data['silent'];
  };
  await scan('scan-1');
  await until('silence', async () => JSON.stringify(await silentNow()) === '[{"source":"post/parcels","by":"KS"}]');
  await scan('scan-2');
  await until('a sign of life', async () => JSON.stringify(await silentNow()) === '[]');
}, 60_000);

it('never says 202 while the broker is away, and goes on by itself', async () => {
  const broker = infrastructure.children.find(({ spec }) => spec.name === 'broker')?.pid as number;
  process.kill(broker, 'SIGSTOP');
  try {
    expect(await post('/events', eventOf('away'))).toMatchObject({
      status: 503,
      body: { code: 'BROKER_AWAY', retryable: true },
      retryAfter: '2',
    });
  } finally {
    process.kill(broker, 'SIGCONT');
  }
  await until('202 again', async () => (await post('/events', eventOf('back'))).status === 202);
  expect(await until('the event', () => found(TOPICS.events, 'order-back', 'back'))).toBeDefined();
}, 90_000);

it('ticks in every shard; when the holder is killed another goes on', async () => {
  services.push(startIntake(ports[1]));
  await until('the second intake to listen', () => get(1, '/health/live'));
  await until('the lease to be held', () => leaseHeld(0));
  const ends = async () => (await reader.offsetsOf(TOPICS.events)).map(({ high }) => high);
  const before = await ends();
  await until('a tick in every shard', async () =>
    (await ends()).every((end, shard) => end > (before[shard] as number)),
  );
  services[0]?.kill('SIGKILL');
  await until('the other to hold the lease', () => leaseHeld(1), 15_000);
  const after = await ends();
  await until('ticks of the other', async () => (await ends()).every((end, shard) => end > (after[shard] as number)));
  const ticks = (await recordsOf(TOPICS.events, 5)).filter(({ event }) => event.type === 'makegood.tick');
  // What the first had heard is known to the second.
  expect(ticks.at(-1)?.event).toMatchObject({
    source: 'makegood/intake',
    subject: 'tick',
    data: { everyMs: 250, silent: [{ source: 'post/parcels', by: 'KS' }] },
  });
  expect(new Set(ticks.map(({ event }) => event.id)).size).toBe(ticks.length);
}, 90_000);
