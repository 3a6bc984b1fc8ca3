import { TOPICS } from '#libs/contracts';
import type { ServiceOptions } from '#libs/service';
import { MIGRATIONS } from '../../apps/loyalty/src/migrations/index.js';
import { LoyaltyProcessor } from '../../apps/loyalty/src/apply-log/loyalty-processor.js';
import {
  DAY_MS,
  promiseEvent,
  SAMPLE_SIGNALS,
  signalEvent,
  START_MS,
} from '../../apps/loyalty/src/apply-log/events-for-tests.js';
import { Random } from '../seeded/random.js';
import { ServiceInMemory } from './service-in-memory.js';

interface Step {
  readonly key: string;
  readonly value: Buffer;
}

const options = { environment: { MAKEGOOD_SHARDS: 1, MAKEGOOD_MODE: 'live' } } as unknown as ServiceOptions;

function purchase(customer: string, n: number): Step {
  const data = { customer, order: `o${n}.`, amount: { amountMinor: 1_000 + n, currency: 'EUR' } };
  return stepOf(customer, signalEvent('customer.purchased', START_MS + n * 3_600_000, data, `purchase ${n}.`));
}

function outcome(customer: string, n: number, kind: 'kept' | 'breached'): Step {
  const promiseId = `11111111-1111-5111-8111-${String(n).padStart(12, '0')}`;
  const more = { promiseId, customer, sequence: 2, state: kind, verdict: kind, subject: `s${n}.` };
  const at = { decidedAtMs: START_MS + 2 * DAY_MS + n };
  return stepOf(
    customer,
    promiseEvent({ kind, ...at, ...more, ...(kind === 'kept' ? { completedAtMs: START_MS } : {}) }),
  );
}

function stepOf(key: string, event: object): Step {
  return { key, value: Buffer.from(JSON.stringify(event)) };
}

describe('loyalty behind a dead letter', () => {
  let world: ServiceInMemory;
  beforeAll(async () => {
    const processor = new LoyaltyProcessor(SAMPLE_SIGNALS, options);
    world = await ServiceInMemory.open('loyalty', processor, MIGRATIONS);
  }, 60_000);
  afterAll(() => world.pg.close());
  beforeEach(() => world.reset());

  const customers = (): Promise<unknown[]> => world.rows('select customer, orders from customer order by 1');

  it('purchases of one customer wait behind a bad one and follow; those of others go on', async () => {
    await world.read(TOPICS.signals, stepOf('c1', signalEvent('customer.purchased', START_MS, { order: 'o' })));
    await world.read(TOPICS.signals, purchase('c1', 1), purchase('c2', 2), purchase('c1', 3));
    expect(await customers()).toEqual([{ customer: 'c2', orders: 1 }]);
    expect(world.letters.map(({ data }) => [data.reason, data.parked])).toEqual([['SIGNAL_INVALID', true]]);
    await world.decide(world.letters[0]!, 'discarded');
    expect(await customers()).toEqual([
      { customer: 'c1', orders: 2 },
      { customer: 'c2', orders: 1 },
    ]);
  });

  it.each([1, 2, 3, 4])(
    'mended and replayed, each customer and what was said of them is as after a clean run (seed %i)',
    async (seed) => {
      const random = new Random(seed);
      const signals = Array.from({ length: 60 }, (_, n) => purchase(`c${random.int(1, 6)}`, n));
      const promises = Array.from({ length: 40 }, (_, n) =>
        outcome(`c${random.int(1, 6)}`, n, random.chance(0.7) ? 'kept' : 'breached'),
      );
      const feed = async (): Promise<void> => {
        for (let i = 0; i < 60; i += 10) await world.read(TOPICS.signals, ...signals.slice(i, i + 10));
        for (let i = 0; i < 40; i += 10) await world.read(TOPICS.promises, ...promises.slice(i, i + 10));
      };
      const standing = () =>
        world.rows('select customer, score, tier, segment, orders, document from customer order by 1');
      await feed();
      const expected = await standing();
      await world.reset();
      for (let n = 0; n < 40; n += random.int(4, 12)) world.poison.add(random.pick([`"o${n}."`, `"s${n}."`]));
      await feed();
      expect(world.letters.length).toBeGreaterThan(2);
      world.poison.clear();
      world.restart();
      for (const letter of world.letters) await world.decide(letter, 'replayed');
      expect(await world.rows('select 1 from parked_record')).toEqual([]);
      expect(await standing()).toEqual(expected);
    },
  );
});
