import { createHash } from 'node:crypto';
import { TOPICS } from '#libs/contracts';
import { createProcessor } from '../../apps/compensation/src/compensation-processor.js';
import { MIGRATIONS } from '../../apps/compensation/src/migrations/index.js';
import { GuaranteeTerms } from '../../apps/compensation/src/terms/guarantee-terms.js';
import { TemplateLibrary } from '../../apps/compensation/src/words/template-library.js';
import { Random } from '../seeded/random.js';
import { promiseStep as step, TERMS, type Step } from './promise-step.js';
import { ServiceInMemory } from './service-in-memory.js';

/** Everything about money, without what only tells when a row was written. */
async function booksOf(world: ServiceInMemory): Promise<unknown> {
  return {
    lines: await world.rows(
      `select line_id, remedy_id, n, state, amount_minor, cancelled_minor, line_sequence from line order by line_id`,
    ),
    sequences: await world.rows('select promise_id, sequence, content_hash from entitlement order by 1'),
    // Customers' accounts have a name drawn by chance: told apart by their line.
    ledger: await world.rows(
      `select line_id, split_part(account, ':', 1) as account, sum(amount_minor)::bigint as minor
       from ledger_entry join ledger_transfer using (transfer_id) group by 1, 2 order by 1, 2`,
    ),
  };
}

describe('compensation behind a dead letter', () => {
  let world: ServiceInMemory;
  beforeAll(async () => {
    const settings = { shardCount: 1, routeByDefault: 'topic', hasPayouts: false, isLive: true };
    const processor = createProcessor(new GuaranteeTerms(), TemplateLibrary.read('templates'), settings);
    world = await ServiceInMemory.open('compensation', processor, MIGRATIONS);
  }, 60_000);
  afterAll(() => world.pg.close());
  beforeEach(reset);

  async function reset(): Promise<void> {
    await world.reset();
    await world.pg.query('insert into guarantee_file values ($1, $2, 1, $3, $4, $5)', [
      ...['guarantee', 'parcel', 'guarantees/parcel.yaml', TERMS],
      createHash('sha256').update(TERMS).digest('hex'),
    ]);
  }

  const states = (): Promise<unknown[]> => world.rows('select state from line order by line_id');
  const read = (...steps: readonly Step[]): Promise<void> => world.read(TOPICS.promises, ...steps);

  it('a breach that fails, then its retraction: nothing is paid meanwhile, and replayed it nets to nothing', async () => {
    world.poison.add('breached","subject":"P-1"');
    await read(step('breached', 'P-1', 'C-1', 2), step('breached', 'P-2', 'C-2', 2));
    await read(step('retracted', 'P-1', 'C-1', 3, { verdict: 'kept' }), step('breached', 'P-3', 'C-1', 2));
    expect(await states()).toEqual([{ state: 'requested' }]); // C-2's: another key goes on
    expect(world.letters.map(({ data }) => [data.reason, data.parked])).toEqual([['PROCESSING_FAILED', true]]);
    world.poison.clear();
    world.restart();
    await world.decide(world.letters[0]!, 'replayed');
    const lines = await world.rows(`select state, promise_id from line order by state`);
    expect(lines.map(({ state }) => state)).toEqual(['cancelled', 'requested', 'requested']);
  });

  it('an event that is none waits for a person: discarded, the rest of its key follows', async () => {
    await read({ key: 'C-1', value: Buffer.from('not JSON') }, step('breached', 'P-1', 'C-1', 2));
    expect(await states()).toEqual([]);
    expect(world.letters.map(({ data }) => [data.reason, data.parked])).toEqual([['PROMISE_EVENT_INVALID', true]]);
    await world.decide(world.letters[0]!, 'discarded');
    expect(await states()).toEqual([{ state: 'requested' }]);
    await world.decide(world.letters[0]!, 'replayed'); // told again, otherwise: nobody waits any more
    expect(await states()).toHaveLength(1);
  });

  it('a sequence with two contents stops its key, and time goes on', async () => {
    await read(step('breached', 'P-1', 'C-1', 2));
    await read(
      step('breached', 'P-1', 'C-1', 2, { latenessMs: 9 }),
      step('retracted', 'P-1', 'C-1', 3, { verdict: 'kept' }),
    );
    expect(await states()).toEqual([{ state: 'requested' }]);
    expect(world.letters.map(({ data }) => data.reason)).toEqual(['SEQUENCE_CONFLICT']);
    await world.decide(world.letters[0]!, 'discarded');
    expect(await states()).toEqual([{ state: 'cancelled' }]);
  });

  it('a tick that fails is a letter and holds up no tick after it, though they have one key', async () => {
    const tick = (id: string): Step => ({
      key: 'tick',
      value: Buffer.from(
        JSON.stringify({ specversion: '1.0', id, type: 'makegood.tick', source: 'makegood/sla-timer' }),
      ),
    });
    world.poison.add('T-1');
    await read(tick('T-1'), tick('T-2'), step('breached', 'P-1', 'tick', 2));
    expect(world.letters.map(({ data }) => data.parked)).toEqual([undefined]);
    expect(await states()).toEqual([{ state: 'requested' }]);
    expect(await world.rows('select 1 from parked_record')).toEqual([]);
  });

  it.each([1, 2, 3, 4, 5, 6])(
    'mended and replayed, the books are those of a clean run (seed %i)',
    async (seed) => {
      const random = new Random(seed);
      const told: Step[][] = [];
      for (let n = 0; n < 24; n++) {
        const customer = `C-${random.int(1, 5)}`;
        const late = { latenessMs: 7_200_000 };
        const steps = [step('breached', `P-${n}.`, customer, 2)];
        if (random.chance(0.5)) steps.push(step('completed-late', `P-${n}.`, customer, 3, late));
        if (random.chance(0.4)) steps.push(step('retracted', `P-${n}.`, customer, 4, { verdict: 'kept' }));
        told.push(steps);
      }
      const log = random.shuffled(told).flat();
      for (let i = 0; i < log.length; i += 10) await read(...log.slice(i, i + 10));
      const expected = await booksOf(world);
      await reset();
      for (let n = 0; n < 24; n += random.int(3, 8)) world.poison.add(`"subject":"P-${n}."`);
      for (let i = 0; i < log.length; i += 10) {
        await read(...log.slice(i, i + 10));
        if (random.chance(0.3)) world.restart();
        // Somebody replays before the defect is mended: the key waits on, under another letter.
        if (random.chance(0.3) && world.letters.length > 0) await world.decide(random.pick(world.letters), 'replayed');
      }
      expect(await booksOf(world)).not.toEqual(expected);
      world.poison.clear();
      for (const letter of world.letters) await world.decide(letter, 'replayed');
      expect(await world.rows('select 1 from parked_record')).toEqual([]);
      expect(await booksOf(world)).toEqual(expected);
    },
    60_000,
  );
});
