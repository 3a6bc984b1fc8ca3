import fc from 'fast-check';
import type { CloudEvent, LoyaltyEvent } from '#libs/contracts';
import {
  DAY_MS,
  lineEvent,
  promiseEvent,
  settlementEvent,
  signalEvent,
  START_MS,
} from '../../apps/loyalty/src/apply-log/events-for-tests.js';
import { INPUTS, LoyaltyWorld, ShardTopics } from './loyalty-world.js';

const at = (days: number): number => START_MS + Math.round(days * DAY_MS);

/** What may happen to a customer: the n-th thing, about day `days`. */
function happening(customer: string, n: number, days: number, plot: number): CloudEvent[] {
  const promiseId = `00000000-0000-5000-8000-${String(n).padStart(12, '0')}`;
  const about = { promiseId, customer, openedAtMs: at(days - 2), dueAtMs: at(days) };
  const broken = { ...about, state: 'breached', verdict: 'breached' } as const;
  const breached = promiseEvent({ ...broken, kind: 'breached', sequence: 2, decidedAtMs: at(days) });
  const finished = { kind: 'completed-late', sequence: 3, completedAtMs: at(days + 1), decidedAtMs: at(days + 1) };
  const retracted = { ...about, kind: 'retracted', sequence: 3, verdict: 'kept', completedAtMs: at(days) } as const;
  const line = { customer, promiseId, lineId: `l${n}`, decidedAtMs: at(days) };
  const order = { customer, order: `o${n}`, amount: { amountMinor: 100 + n, currency: 'EUR' } };
  const paid = settlementEvent('settled', at(days + 1), `l${n}`);
  const plots = [
    [breached, lineEvent({ ...line, type: 'refund.requested' })],
    [breached, promiseEvent({ ...broken, ...finished }), lineEvent({ ...line, type: 'apology.requested' })],
    [breached, promiseEvent({ ...retracted, decidedAtMs: at(days + 2) })],
    [
      breached,
      lineEvent({ ...line, type: 'refund.requested' }),
      { ...paid, data: { lineId: `l${n}`, lineSequence: 2, customer } },
    ],
    [signalEvent('customer.purchased', at(days), order, `buy${n}`)],
    [signalEvent('customer.feedback', at(days), { customer, kind: 'nps', value: n % 11 }, `nps${n}`)],
    [signalEvent('customer.merged', at(days), { customer: undefined, from: 'anna', into: 'ann' }, `merge${n}`)],
  ];
  return plots[plot % plots.length] as unknown as CloudEvent[];
}

const lives = fc.array(
  fc.record({
    who: fc.constantFrom('ann', 'anna', 'bob'),
    days: fc.double({ min: 3, max: 40, noNaN: true }),
    plot: fc.nat(6),
  }),
  { minLength: 4, maxLength: 14 },
);
/** In which order a shard happens to read its topics: which one next, and how many records. */
const readings = fc.array(fc.record({ topic: fc.constantFrom(...INPUTS), count: fc.integer({ min: 1, max: 4 }) }), {
  minLength: 3,
  maxLength: 25,
});

type Plan = typeof lives extends fc.Arbitrary<infer T> ? T : never;

function topicsOf(plan: Plan): ShardTopics {
  const topics = new ShardTopics();
  const byTime = [...plan].sort((a, b) => a.days - b.days);
  byTime.forEach(({ who, days, plot }, n) => {
    for (const event of happening(who, n, days, plot)) topics.append(event);
    topics.tick(`tick${n}`, at(days) + 1_000);
  });
  return topics;
}

/** Of each id the one content it was told with; two contents fail. */
function toldOnce(told: readonly LoyaltyEvent[]): LoyaltyEvent[] {
  const contents = new Map<string, LoyaltyEvent>();
  for (const event of told) {
    const known = contents.get(event.id);
    if (known) expect(event).toEqual(known);
    else contents.set(event.id, event);
  }
  return [...contents.values()];
}

/** Each move starts where the one before it ended. */
function expectUnbroken(told: readonly LoyaltyEvent[]): void {
  const scores = new Map<string, number>();
  for (const { type, data } of told) {
    if (!type.endsWith('score-changed')) continue;
    const before = scores.get(data.customer);
    if (before !== undefined) expect(data.previous).toBe(before);
    scores.set(data.customer, data.score);
  }
}

describe('a database of loyalty older than the topics', () => {
  let lived: LoyaltyWorld;
  let restored: LoyaltyWorld;
  beforeAll(async () => {
    lived = await LoyaltyWorld.open();
    restored = await LoyaltyWorld.open();
  }, 120_000);
  afterAll(async () => {
    await Promise.all([lived?.close(), restored?.close()]);
  }, 60_000);

  it('tells no id twice with two contents, goes on where the topic stands, and has the scores it would have had', async () => {
    await fc.assert(
      fc.asyncProperty(lives, readings, readings, fc.nat(10), fc.nat(3), async (plan, once, again, backup, back) => {
        await Promise.all([lived.clear(), restored.clear()]);
        const topics = topicsOf(plan);
        for (const { topic, count } of once.slice(0, backup)) {
          await restored.read(topics, topic, count, false);
          await lived.read(topics, topic, count);
        }
        const known = Math.max(0, topics.output.length - back);
        for (const { topic, count } of once.slice(backup)) await lived.read(topics, topic, count);
        await lived.readAll(topics, 3);

        await restored.claim(topics, known);
        for (const { topic, count } of again) await restored.read(topics, topic, count);
        await restored.readAll(topics, 2);
        expect(await restored.customers()).toEqual(await lived.customers());

        for (let n = 0; n < 3; n++) topics.tick(`later${n}`, at(60 + n));
        for (const event of happening('ann', 100, 61, 1)) topics.append(event);
        for (let n = 3; n < 6; n++) topics.tick(`later${n}`, at(60 + n));
        await restored.readAll(topics, 1);
        expect(await restored.silentCustomers()).toEqual([]);
        expectUnbroken(toldOnce(topics.told));
      }),
      { numRuns: 30 },
    );
  }, 120_000);

  it('learns nothing from what it has decided itself', async () => {
    await fc.assert(
      fc.asyncProperty(lives, readings, fc.nat(20), async (plan, once, from) => {
        await lived.clear();
        const topics = topicsOf(plan);
        for (const { topic, count } of once) await lived.read(topics, topic, count);
        await lived.claim(topics, Math.max(0, topics.output.length - from));
        expect(await lived.silentCustomers()).toEqual([]);
      }),
      { numRuns: 10 },
    );
  }, 60_000);
});
