import { findDrift } from '../../apps/compensation/src/ledger/self-check.js';
import { TOPICS } from '#libs/contracts';
import { CompensationWorld, NO_DRIFT, lineIdFor, short } from './compensation-world.js';
import { testInfrastructure, type TestInfrastructure } from './infrastructure.js';

describe('words: when they are said, held back and corrected', () => {
  let infrastructure: TestInfrastructure;
  let world: CompensationWorld;
  beforeAll(async () => {
    infrastructure = await testInfrastructure();
  }, 120_000);
  afterEach(async () => {
    expect(await findDrift(world.database)).toEqual(NO_DRIFT);
    await world.database.close();
  });
  afterAll(() => infrastructure.stop(), 60_000);

  const open = async (terms: string) => {
    world = await CompensationWorld.open(infrastructure.databaseUrl, { terms });
  };
  const promises = (...records: Parameters<CompensationWorld['apply']>[1]) => world.apply(TOPICS.promises, records);
  const sent = (remedyId: string, n = 1) =>
    world.apply(TOPICS.settlements, [
      world.settlement('paid', { lineId: lineIdFor('EMS-1', remedyId, n), reference: `mail-${remedyId}-${n}` }),
    ]);
  const breach = () => promises(world.promise('breached', { subject: 'EMS-1', sequence: 2 }));

  it('corrects an apology that was sent, once, in the language of the customer', async () => {
    await open('afterSent: correct');
    const updated = { type: 'customer.updated', data: { customer: 'C-1', locale: 'sl' } };
    await world.apply(TOPICS.signals, [world.record(TOPICS.signals, 'C-1', updated)]);
    await breach();
    await sent('sorry');
    const told = await promises(world.retracted('EMS-1', 3), world.retracted('EMS-1', 4));
    expect(short(told)).toEqual(['refund.cancelled EMS-1', 'notice.requested EMS-1']);
    expect(told[1]?.data.body).toContain('je bila obljuba izpolnjena');
    await sent('sorry/correction');
    expect(await promises(world.retracted('EMS-1', 5))).toEqual([]);
  });

  it('corrects what the sender had sent before it heard of the cancellation', async () => {
    await open('afterSent: correct');
    await breach();
    await promises(world.retracted('EMS-1', 3));
    expect(short(await sent('sorry'))).toEqual(['compensation.settled EMS-1', 'notice.requested EMS-1']);
    expect(world.rejected).toEqual([]);
  });

  it('learns corrections from its own output, and says them no second time', async () => {
    await open('afterSent: correct');
    await breach();
    await sent('sorry');
    await promises(world.retracted('EMS-1', 3));
    const other = await CompensationWorld.open(infrastructure.databaseUrl, { terms: 'afterSent: correct' });
    await other.adopt(world.output);
    expect(await other.lines('EMS-1')).toEqual(await world.lines('EMS-1'));
    const again = [world.promise('breached', { subject: 'EMS-1', sequence: 2 }), world.retracted('EMS-1', 3)];
    expect(await other.apply(TOPICS.promises, again)).toEqual([]);
    await other.database.close();
  });
});
