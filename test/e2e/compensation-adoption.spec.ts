import { TOPICS } from '#libs/contracts';
import { formatInstant } from '#libs/kernel';
import type { LogRecord } from '#libs/messaging';
import { BREACHED_AT, CompensationWorld, HOUR_MS, lineIdFor } from './compensation-world.js';
import { testInfrastructure, type TestInfrastructure } from './infrastructure.js';

describe('a database older than the topics', () => {
  let infrastructure: TestInfrastructure;
  let lived: CompensationWorld;
  let restored: CompensationWorld;
  beforeAll(async () => {
    infrastructure = await testInfrastructure();
  }, 120_000);
  beforeEach(async () => {
    lived = await CompensationWorld.open(infrastructure.databaseUrl);
    restored = await CompensationWorld.open(infrastructure.databaseUrl);
  });
  afterEach(() => Promise.all([lived.database.close(), restored.database.close()]));
  afterAll(() => infrastructure.stop(), 60_000);
  const at = (hours: number): string => formatInstant(BREACHED_AT + hours * HOUR_MS);
  const postage = (n: number, subject = 'EMS-1'): string => lineIdFor(subject, 'postage', n);

  function history(): [topic: string, record: LogRecord][] {
    const amount = { amountMinor: 2_500, currency: 'CNY' };
    return [
      [TOPICS.promises, lived.promise('breached', { subject: 'EMS-1', sequence: 2 })],
      [TOPICS.promises, lived.promise('breached', { subject: 'EMS-2', sequence: 2, decidedAt: at(1) })],
      [TOPICS.promises, lived.retracted('EMS-1', 3)],
      [TOPICS.settlements, lived.settlement('paid', { lineId: postage(1), reference: 'R1' })],
      [TOPICS.promises, lived.promise('reinstated', { subject: 'EMS-1', sequence: 4, decidedAt: at(3) })],
      [TOPICS.settlements, lived.settlement('paid', { lineId: postage(2), reference: 'R2', amount })],
      [TOPICS.promises, lived.promise('breached', { subject: 'EMS-3', sequence: 2, decidedAt: at(30) })],
      [TOPICS.settlements, lived.settlement('accepted', { lineId: postage(1, 'EMS-3'), reference: 'R3' })],
      [TOPICS.promises, lived.retracted('EMS-3', 3, BREACHED_AT + 31 * HOUR_MS)],
      [TOPICS.settlements, lived.settlement('paid', { lineId: postage(1, 'EMS-2'), reference: 'R4', paidAt: at(5) })],
      [TOPICS.settlements, lived.settlement('failed', { lineId: postage(1, 'EMS-2'), reference: 'R4', paidAt: at(9) })],
    ];
  }

  async function moneyOf(world: CompensationWorld): Promise<unknown> {
    const lines = await Promise.all(['EMS-1', 'EMS-2', 'EMS-3'].map((subject) => world.lines(subject)));
    return { lines, balances: await world.balances() };
  }

  it('adopts its own output and then hears the whole history without saying or booking anything', async () => {
    for (const [topic, record] of history()) await lived.apply(topic, [record]);
    await restored.adopt(lived.output);
    await restored.adopt(lived.output);
    expect(await restored.balances()).toEqual(await lived.balances());
    for (const [topic, record] of history()) expect(await restored.apply(topic, [record])).toEqual([]);
    expect(await moneyOf(restored)).toEqual(await moneyOf(lived));
    expect(restored.rejected).toEqual([]);
  });

  it('goes on under new numbers, as the database that was lost would have', async () => {
    for (const [topic, record] of history()) await lived.apply(topic, [record]);
    await restored.adopt(lived.output);
    for (const [topic, record] of history()) await restored.apply(topic, [record]);
    const next = [
      lived.retracted('EMS-1', 5, BREACHED_AT + 50 * HOUR_MS),
      lived.retracted('EMS-2', 3, BREACHED_AT + 50 * HOUR_MS),
    ];
    const expected = await lived.apply(TOPICS.promises, next);
    expect(await restored.apply(TOPICS.promises, next)).toEqual(expected);
    expect(await moneyOf(restored)).toEqual(await moneyOf(lived));
  });

  it('decides nothing about what is owed from its output alone', async () => {
    await lived.apply(TOPICS.promises, [lived.promise('breached', { subject: 'EMS-1', sequence: 2 })]);
    await restored.adopt(lived.output);
    const told = await restored.apply(TOPICS.settlements, [
      lived.settlement('paid', { lineId: postage(1), reference: 'R1' }),
    ]);
    expect(told.map(({ type }) => type)).toEqual(['makegood.compensation.settled']);
  });
});
