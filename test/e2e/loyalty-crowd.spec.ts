import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { partitionOf, TOPICS, type CloudEvent } from '#libs/contracts';
import { createKafka, SerialProducer, type OutgoingRecord } from '#libs/messaging';
import { SystemClock } from '#libs/clock';
import { formatApiKey, hashSecret, newApiKey } from '#libs/security';
import {
  DAY_MS,
  lineEvent,
  promiseEvent,
  settlementEvent,
  signalEvent,
  START_MS,
} from '../../apps/loyalty/src/apply-log/events-for-tests.js';
import { freePortBase, testInfrastructure, until, type TestInfrastructure } from './infrastructure.js';

const SHARDS = 12;
const RUN = randomUUID().slice(0, 8);
const CUSTOMERS = 40;
/** Of this file alone: the topics have what other files wrote on the same broker, too. */
const GUARANTEE = `crowd-${RUN}`;
const key = newApiKey();
const auth = { authorization: `Bearer ${formatApiKey(key)}` };

/** The same life under the names of one crowd: promises, lines, signals, two ids that turn out to be one customer. */
function lifeOf(crowd: string, n: number): CloudEvent[] {
  const [customer, alias] = [`${crowd}-${RUN}-${n}`, `${crowd}-${RUN}-${n}-alias`];
  const at = (days: number): number => START_MS + Math.round((days + n / 10) * DAY_MS);
  const promiseId = `${crowd === 'calm' ? '0' : '1'}0000000-0000-5000-8000-${String(n).padStart(12, '0')}`;
  const about = { guarantee: GUARANTEE, promiseId, customer, openedAtMs: at(0), dueAtMs: at(2) };
  const breach = { ...about, kind: 'breached', sequence: 2, state: 'breached', verdict: 'breached' } as const;
  const id = (name: string): string => `${crowd}-${n}-${name}`;
  const line = { customer, promiseId, lineId: id('line') };
  const events: (CloudEvent | ReturnType<typeof promiseEvent> | ReturnType<typeof lineEvent>)[] = [
    promiseEvent({ ...about, kind: 'opened', decidedAtMs: at(0) }),
    signalEvent(
      'customer.purchased',
      at(0),
      { customer, order: id('o1'), amount: { amountMinor: 900, currency: 'EUR' } },
      id('o1'),
    ),
    promiseEvent({ ...breach, decidedAtMs: at(2.2) }),
    lineEvent({ ...line, type: 'refund.requested', decidedAtMs: at(2.2) }),
    promiseEvent({
      ...breach,
      kind: 'completed-late',
      sequence: 3,
      state: 'completed-late',
      completedAtMs: at(3),
      decidedAtMs: at(3),
    }),
    {
      ...settlementEvent('settled', at(4), id('line')),
      id: id('paid'),
      data: { lineId: id('line'), lineSequence: 2, customer },
    },
    signalEvent('customer.feedback', at(5), { customer, kind: 'csat', value: 1 + (n % 5) }, id('csat')),
    signalEvent(
      'customer.purchased',
      at(9),
      { customer: alias, order: id('o2'), amount: { amountMinor: 1_200, currency: 'EUR' } },
      id('o2'),
    ),
    signalEvent('customer.contacted', at(10), { customer: alias, personal: true }, id('call')),
    signalEvent('customer.merged', at(11), { customer: undefined, from: alias, into: customer }, id('merge')),
    signalEvent('customer.feedback', at(12), { customer: alias, kind: 'nps', value: n % 11 }, id('nps')),
  ];
  return events as unknown as CloudEvent[];
}

function recordFor(event: CloudEvent): OutgoingRecord {
  const { customer, into } = event.data as { customer?: string; into?: string };
  const to = customer ?? into ?? '';
  const topic = event.type.startsWith('makegood.promise.')
    ? TOPICS.promises
    : event.type.startsWith('makegood.')
      ? TOPICS.compensations
      : TOPICS.signals;
  return { topic, partition: partitionOf(to, SHARDS), key: to, value: JSON.stringify(event) };
}

/** A fixed disorder: copies of every third event, and all of it in an order that has nothing to do with time. */
function disordered(events: readonly CloudEvent[]): CloudEvent[] {
  let seed = 7;
  const dice = (): number => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648);
  return [...events, ...events.filter((_, i) => i % 3 === 0)]
    .map((event) => ({ event, place: dice() }))
    .sort((a, b) => a.place - b.place)
    .map(({ event }) => event);
}

let infrastructure: TestInfrastructure;
let producer: SerialProducer;
let ports: number[];
const services: (ChildProcess | null)[] = [];

function start(index: number): void {
  services[index] = spawn(process.execPath, ['dist/apps/loyalty/src/main.js'], {
    stdio: 'ignore',
    env: {
      PATH: process.env['PATH'],
      MAKEGOOD_PORT: String(ports[index]),
      KAFKA_BROKERS: infrastructure.brokers,
      DATABASE_URL: infrastructure.databaseUrl,
      MAKEGOOD_SCHEMA: `crowd_${RUN}`,
      MAKEGOOD_GROUP: `makegood.crowd.${RUN}`,
      MAKEGOOD_SIGNALS_FILE: 'samples/signals.yaml',
      MAKEGOOD_BOOTSTRAP_KEY: `${key.keyId}:${hashSecret(key.secret)}`,
    },
  });
}

async function get(index: number, path: string): Promise<{ status: number; body: Record<string, unknown> } | null> {
  try {
    const answer = await fetch(`http://127.0.0.1:${ports[index]}${path}`, { headers: auth });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  } catch {
    return null;
  }
}

describe('two instances of loyalty', () => {
  beforeAll(async () => {
    infrastructure = await testInfrastructure();
    const kafka = createKafka({ brokers: infrastructure.brokers.split(','), clientId: 'crowd-e2e' });
    producer = new SerialProducer(kafka, new SystemClock());
    const base = await freePortBase();
    ports = [base + 8, base + 9];
    start(0);
    await until('the first instance', async () => (await get(0, '/health/ready'))?.status === 200, 60_000);
    start(1);
    await until('the second instance', async () => (await get(1, '/health/ready'))?.status === 200, 60_000);
  }, 180_000);

  afterAll(async () => {
    for (const service of services) service?.kill('SIGKILL');
    await producer?.close();
    await infrastructure?.stop();
  }, 60_000);

  it('give the scores of one clean reading, to the last digit, whatever comes twice, out of order, and dies', async () => {
    const numbers = Array.from({ length: CUSTOMERS }, (_, n) => n);
    const calm = numbers.flatMap((n) => lifeOf('calm', n)).map(recordFor);
    const wild = disordered(numbers.flatMap((n) => lifeOf('wild', n))).map(recordFor);
    await producer.send(calm);
    for (let i = 0; i < wild.length; i += 40) {
      await producer.send(wild.slice(i, i + 40));
      if (i % 160 !== 80) continue;
      const victim = (i / 80) % 2;
      services[victim]?.kill('SIGKILL'); // amid whatever it is doing
      start(victim);
    }
    const view = async (crowd: string, n: number) =>
      (await get(0, `/customers/${crowd}-${RUN}-${n}?asOf=2026-04-01T00:00:00Z`)) ??
      (await get(1, `/customers/${crowd}-${RUN}-${n}?asOf=2026-04-01T00:00:00Z`));
    const isWhole = (body: Record<string, unknown> | undefined): boolean =>
      body?.['evidence'] === 5 && (body['compensation'] as unknown[]).length === 1;
    for (const n of numbers) {
      const told = await until(
        `customer ${n} of both crowds`,
        async () => {
          const [one, other] = [await view('calm', n), await view('wild', n)];
          return isWhole(one?.body) && isWhole(other?.body) ? [one?.body, other?.body] : null;
        },
        120_000,
      );
      const [one, other] = told.map((body) => ({
        score: body?.['score'],
        tier: body?.['tier'],
        components: body?.['components'],
        churnRisk: body?.['churnRisk'],
        history: body?.['history'],
      }));
      expect(other).toEqual(one);
    }
    const alias = await get(0, `/customers/wild-${RUN}-3-alias?asOf=2026-04-01T00:00:00Z`);
    expect(alias?.body['customer']).toBe(`wild-${RUN}-3`);
  }, 300_000);

  it('export and erase a customer under all their ids', async () => {
    const customer = `calm-${RUN}-1`;
    const exported = await get(0, `/customers/${customer}-alias/export`);
    expect(exported?.body).toMatchObject({ customer, known: { mergedFrom: [`${customer}-alias`] } });
    const refused = await fetch(`http://127.0.0.1:${ports[0]}/customers/${customer}/erase`, {
      method: 'POST',
      headers: auth,
    });
    expect(refused.status).toBe(400);
    const erased = await fetch(`http://127.0.0.1:${ports[0]}/customers/${customer}/erase`, {
      method: 'POST',
      headers: { ...auth, 'content-type': 'application/json' },
      body: JSON.stringify({ reason: 'asked for it' }),
    });
    expect(erased.status).toBe(202);
    await until('the customer to be gone', async () => (await get(0, `/customers/${customer}`))?.status === 404);
    expect((await get(0, `/customers/${customer}-alias`))?.status).toBe(404);
  }, 60_000);

  it('report over all customers', async () => {
    const remedies = await get(0, '/reports/remedies');
    const cells = remedies?.body['cells'] as readonly { readonly guarantee: string }[];
    expect(cells.filter(({ guarantee }) => guarantee === GUARANTEE)).toEqual([
      expect.objectContaining({
        band: '1 to 3 late',
        remedy: 'refund',
        promises: 2 * CUSTOMERS - 1,
      }),
    ]);
    const paths = [
      '/risks?level=warn',
      '/cohorts',
      '/rfm',
      '/owners',
      '/reports/promises?by=owner',
      '/backtest?days=5',
      '/model',
    ];
    for (const path of paths) expect([path, (await get(0, path))?.status]).toEqual([path, 200]);
    expect(await get(0, '/reports/promises?by=moon')).toMatchObject({ status: 400, body: { code: 'QUERY_INVALID' } });
  }, 60_000);
});
