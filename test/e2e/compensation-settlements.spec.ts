import { findDrift } from '../../apps/compensation/src/ledger/self-check.js';
import { TOPICS } from '#libs/contracts';
import { BREACHED_AT, CompensationWorld, NO_DRIFT, HOUR_MS, lineIdFor, short } from './compensation-world.js';
import { testInfrastructure, type TestInfrastructure } from './infrastructure.js';

describe('settlements', () => {
  let infrastructure: TestInfrastructure;
  let world: CompensationWorld;
  beforeAll(async () => {
    infrastructure = await testInfrastructure();
  }, 120_000);
  beforeEach(async () => {
    world = await CompensationWorld.open(infrastructure.databaseUrl);
  });
  afterEach(async () => {
    expect(await findDrift(world.database)).toEqual(NO_DRIFT);
    expect(await world.disagreements()).toEqual([]);
    await world.database.close();
  });
  afterAll(() => infrastructure.stop(), 60_000);
  const lineId = lineIdFor('EMS-1', 'postage', 1);
  const breach = (subject = 'EMS-1') =>
    world.apply(TOPICS.promises, [world.promise('breached', { subject, sequence: 2 })]);

  it('marks a line paid, once', async () => {
    await breach();
    const paid = world.settlement('paid', { lineId, reference: 'R1' });
    expect(short(await world.apply(TOPICS.settlements, [paid, paid]))).toEqual(['compensation.settled EMS-1']);
    expect(await world.apply(TOPICS.settlements, [paid])).toEqual([]);
    expect(await world.balances()).toEqual({ expense: 2_200, payable: 0, paid: -2_200 });
  });

  it('sends a conflicting amount and nonsense to the dead letters, and the rest through', async () => {
    await breach();
    const amount = { amountMinor: 700, currency: 'CNY' };
    await world.apply(TOPICS.settlements, [
      world.settlement('paid', { lineId, reference: 'R1' }),
      world.settlement('paid', { lineId, reference: 'R1', amount }),
      world.settlement('paid', { lineId: 'no-line', reference: 'R1' }),
      world.record(TOPICS.settlements, 'x', { type: 'makegood.guarantees.activated', data: {} }),
    ]);
    expect(world.rejected.map(({ reason }) => reason).sort()).toEqual(['CONFLICTING_SETTLEMENT', 'SETTLEMENT_INVALID']);
    expect((await world.lines('EMS-1')).find(({ remedyId }) => remedyId === 'postage')?.state).toBe('paid');
  });

  it('leaves what it causes to the owner of the customer', async () => {
    await breach();
    const effects = await world.applyQuietly(TOPICS.settlements, [
      world.settlement('paid', { lineId, reference: 'R1' }),
    ]);
    expect(effects.outgoing[0]).toMatchObject({
      key: 'C-1',
      shard: world.output[0]?.partition,
      partition: world.output[0]?.partition,
    });
  });

  it('keeps a settlement until its line appears', async () => {
    await world.apply(TOPICS.settlements, [world.settlement('paid', { lineId, reference: 'R1' })]);
    await breach();
    const shard = world.settlement('paid', { lineId, reference: 'R1' }).partition;
    expect(short(await world.apply(TOPICS.promises, [world.tick(BREACHED_AT + 1_000, shard)]))).toEqual([
      'compensation.settled EMS-1',
    ]);
    expect(await world.apply(TOPICS.promises, [world.tick(BREACHED_AT + 2_000, shard)])).toEqual([]);
  });

  it('gives a settlement of an unknown line up after 24 hours of ticks', async () => {
    const settlement = world.settlement('paid', { lineId, reference: 'R1' });
    const own = settlement.partition;
    const tick = (hours: number, partition: number) =>
      world.apply(TOPICS.promises, [world.tick(BREACHED_AT + hours * HOUR_MS, partition)]);
    for (let shard = 0; shard < 12; shard++) await tick(0, shard);
    await world.apply(TOPICS.settlements, [settlement]);
    for (let shard = 0; shard < 12; shard++) if (shard !== own) await tick(24, shard);
    await tick(23.9, own);
    expect(world.rejected).toEqual([]);
    await tick(24, own);
    expect(world.rejected).toMatchObject([{ reason: 'SETTLEMENT_UNKNOWN_LINE', occasion: 'waited' }]);
    await tick(25, own);
    expect(world.rejected).toHaveLength(1);
  });

  it('waits for the slowest shard: it may be the one that has the line', async () => {
    const settlement = world.settlement('paid', { lineId, reference: 'R1' });
    const slow = (settlement.partition + 1) % 12;
    const tick = (hours: number, partition: number) =>
      world.apply(TOPICS.promises, [world.tick(BREACHED_AT + hours * HOUR_MS, partition)]);
    await world.apply(TOPICS.settlements, [settlement]);
    for (let shard = 0; shard < 12; shard++) if (shard !== slow) await tick(48, shard);
    await tick(49, settlement.partition);
    expect(world.rejected).toEqual([]);
    await tick(48, slow);
    await tick(50, settlement.partition);
    expect(world.rejected.map(({ reason }) => reason)).toEqual(['SETTLEMENT_UNKNOWN_LINE']);
  });

  it('keeps word about a line in its order when the line appears in between', async () => {
    await world.apply(TOPICS.settlements, [world.settlement('paid', { lineId, reference: 'R1' })]);
    await breach();
    const wrong = { amountMinor: 3_001, currency: 'CNY' };
    await world.apply(TOPICS.settlements, [world.settlement('paid', { lineId, reference: 'R1', amount: wrong })]);
    const shard = world.settlement('paid', { lineId, reference: 'R1' }).partition;
    const told = await world.apply(TOPICS.promises, [world.tick(BREACHED_AT + 1_000, shard)]);
    expect(short(told)).toEqual(['compensation.settled EMS-1']);
    expect(JSON.stringify(told)).not.toContain('3001');
    expect(world.rejected.map(({ reason }) => reason)).toEqual(['CONFLICTING_SETTLEMENT']);
  });

  it('comes to the same books when retraction and payment race on two shards', async () => {
    const [rounds, width] = [50, 20];
    for (let round = 0; round < rounds; round++) {
      const subjects = Array.from({ length: width }, (_, i) => `RACE-${round}-${i}`);
      await world.apply(
        TOPICS.promises,
        subjects.map((subject) => world.promise('breached', { subject, sequence: 2 })),
      );
      const paid = subjects.map((subject) =>
        world.settlement('paid', { lineId: lineIdFor(subject, 'postage', 1), reference: 'R' }),
      );
      const effects = await Promise.all([
        world.applyQuietly(
          TOPICS.promises,
          subjects.map((subject) => world.retracted(subject, 3)),
        ),
        world.applyQuietly(TOPICS.settlements, paid),
      ]);
      const types = effects.flatMap(({ outgoing }) =>
        outgoing.map(({ value }) => (JSON.parse(value) as { type: string }).type),
      );
      expect(types.filter((type) => type === 'makegood.compensation.settled')).toHaveLength(width);
      expect(types.filter((type) => type === 'makegood.compensation.reversed')).toHaveLength(width);
    }
    const moved = rounds * width * 2_200;
    expect(await world.balances()).toEqual({ expense: 0, payable: 0, paid: -moved, 'false-breach': moved });
  }, 300_000);
});

describe('the payout as a promise', () => {
  let infrastructure: TestInfrastructure;
  let world: CompensationWorld;
  beforeAll(async () => {
    infrastructure = await testInfrastructure();
    world = await CompensationWorld.open(infrastructure.databaseUrl, { hasPayouts: true });
  }, 120_000);
  afterAll(async () => {
    await world.database.close();
    await infrastructure.stop();
  }, 60_000);
  const payouts = (told: readonly { type: string; subject: string }[]) =>
    told.filter(({ type }) => type.startsWith('makegood.payout.')).map(({ type, subject }) => `${type} ${subject}`);

  it('is opened with the line, kept when it is paid, cancelled with it, under ids that follow from the line', async () => {
    const [first, second] = [lineIdFor('P-1', 'postage', 1), lineIdFor('P-2', 'postage', 1)];
    const told = await world.apply(TOPICS.promises, [
      world.promise('breached', { subject: 'P-1', sequence: 2 }),
      world.promise('breached', { subject: 'P-2', sequence: 2, customer: 'C-2' }),
    ]);
    expect(payouts(told)).toEqual([`makegood.payout.requested ${first}`, `makegood.payout.requested ${second}`]);
    const opened = told.find(({ type }) => type === 'makegood.payout.requested');
    expect(opened?.data).toEqual({
      lineId: first,
      customer: 'C-1',
      payBy: '2018-06-02T18:00:00.000Z',
      amount: { amountMinor: 2_200, currency: 'CNY' },
    });
    const half = { amountMinor: 1_100, currency: 'CNY' };
    const settle = (reference: string, more: object = {}) =>
      world.apply(TOPICS.settlements, [world.settlement('paid', { lineId: first, reference, ...more })]);
    expect(payouts(await settle('R1', { amount: half }))).toEqual([]);
    expect(payouts(await settle('R2', { amount: half }))).toEqual([`makegood.payout.paid ${first}`]);
    const retracted = world.promise('retracted', { subject: 'P-2', customer: 'C-2', sequence: 3, verdict: 'kept' });
    expect(payouts(await world.apply(TOPICS.promises, [retracted]))).toEqual([`makegood.payout.cancelled ${second}`]);
  });
});
