import { findDrift } from '../../apps/compensation/src/ledger/self-check.js';
import { TOPICS } from '#libs/contracts';
import { CompensationWorld, NO_DRIFT, lineIdFor, short } from './compensation-world.js';
import { testInfrastructure, type TestInfrastructure } from './infrastructure.js';

describe('what others gave back, what is asked for, what comes back', () => {
  let infrastructure: TestInfrastructure;
  let world: CompensationWorld;
  beforeAll(async () => {
    infrastructure = await testInfrastructure();
  }, 120_000);
  afterEach(async () => {
    expect(await findDrift(world.database)).toEqual(NO_DRIFT);
    expect(await world.disagreements()).toEqual([]);
    await world.database.close();
  });
  afterAll(() => infrastructure.stop(), 60_000);

  const open = async (terms = '') => {
    world = await CompensationWorld.open(infrastructure.databaseUrl, { terms });
  };
  const breach = (subject = 'EMS-1', more: object = {}) =>
    world.apply(TOPICS.promises, [world.promise('breached', { subject, sequence: 2, ...more })]);
  const settle = (...records: Parameters<CompensationWorld['apply']>[1]) => world.apply(TOPICS.settlements, records);
  const amounts = async (subject = 'EMS-1') =>
    (await world.lines(subject))
      .filter(({ remedyId }) => remedyId === 'postage')
      .map(({ amountMinor, state }) => `${amountMinor} ${state}`);
  const returned = (amountMinor: number, reference: string, about: object = { subject: 'EMS-1' }) =>
    world.upstream('money.returned', 'EMS-1', {
      ...about,
      base: 'postage',
      amount: { amountMinor, currency: 'CNY' },
      reference,
      reason: 'refund',
    });
  const money = 'postage';
  const lineId = lineIdFor('EMS-1', money, 1);

  it('asks for less, or nothing, where others gave the base back before', async () => {
    await open();
    await settle(returned(500, 'R1'), returned(500, 'R1'));
    await breach();
    expect(await amounts()).toEqual(['1700 requested']);
    await settle(returned(9_999, 'R2', { group: 'G' }));
    await breach('EMS-2', { group: 'G' });
    expect(await amounts('EMS-2')).toEqual([]);
  });

  it('takes the line back where others give the base back after it, whichever comes first', async () => {
    await open();
    await breach();
    expect(short(await settle(returned(700, 'R1')))).toEqual(['refund.cancelled EMS-1', 'refund.requested EMS-1']);
    expect(await amounts()).toEqual(['2200 cancelled', '1500 requested']);
    await settle(world.settlement('paid', { lineId: lineIdFor('EMS-1', money, 2), reference: 'P1' }));
    await settle(returned(2_200, 'R2'));
    expect(await world.balances()).toEqual({ expense: 0, payable: 0, paid: -1_500, 'false-breach': 1_500 });
  });

  it('gives one base back once though two promises about the subject are missed', async () => {
    await open();
    await breach('EMS-1', { cycle: 'a' });
    const other = { ...world.promise('breached', { subject: 'EMS-1', sequence: 2 }) };
    const event = JSON.parse(other.value.toString()) as { data: { promiseId: string; breachId: string } };
    event.data.promiseId = '00000000-0000-5000-8000-000000000001';
    event.data.breachId = '00000000-0000-5000-8000-000000000002';
    await world.apply(TOPICS.promises, [{ ...other, value: Buffer.from(JSON.stringify(event)) }]);
    expect(await amounts()).toEqual(['2200 requested']);
    await world.apply(TOPICS.promises, [world.retracted('EMS-1', 3)]);
    expect((await amounts()).sort()).toEqual(['2200 cancelled', '2200 requested']);
  });

  it('answers every claim once, with its reason, before and after the miss', async () => {
    await open();
    const early = world.upstream('claim.filed', 'EMS-1', {
      subject: 'EMS-1',
      claimant: 'C-1',
      at: '2018-05-03T11:00:00Z',
    });
    const told = await settle(early, early);
    expect(told.map(({ type, data }) => [type, (data as { reasonCode?: string }).reasonCode])).toEqual([
      ['makegood.claim.answered', 'no_breach'],
    ]);
    const atTheMiss = (await breach()).filter(({ type }) => type === 'makegood.claim.answered');
    expect(atTheMiss.map(({ data }) => (data as { reasonCode?: string }).reasonCode)).toEqual(['compensated']);
    expect(await breach()).toEqual([]);
    const late = await settle(world.upstream('claim.filed', 'X', { refs: { item: 'EMS-1' }, claimant: 'C-1' }));
    expect(late.map(({ data }) => (data as { reasonCode?: string }).reasonCode)).toEqual(['compensated']);
    expect(late[0]?.data).toMatchObject({ granted: [{ lineId, amountMinor: 2_200 }] });
  });

  it('finds a claim by a payment’s number, filed before the miss or after it', async () => {
    await open();
    const claim = (payment: string) => world.upstream('claim.filed', payment, { refs: { payment }, claimant: 'C-1' });
    await settle(claim('P-1'));
    const told = await breach('EMS-1', { refs: { item: 'EMS-1', payment: 'P-1' } });
    expect(told[0]?.data).toMatchObject({ reasonCode: 'compensated', claimant: 'C-1' }); // before what it brings
    await breach('EMS-2', { refs: { item: 'EMS-2', payment: 'P-2' } });
    expect((await settle(claim('P-2')))[0]?.data).toMatchObject({ reasonCode: 'compensated', customer: 'C-1' });
    expect((await settle(claim('P-3')))[0]?.data).toMatchObject({ reasonCode: 'no_breach' });
  });

  it('sets off what was paid for a miss taken back against what is owed next', async () => {
    await open('afterPayment: offset');
    await breach();
    await settle(world.settlement('paid', { lineId, reference: 'P1' }));
    await world.apply(TOPICS.promises, [world.retracted('EMS-1', 3)]);
    expect(await world.balances()).toEqual({ expense: 0, payable: 0, paid: -2_200, receivable: 2_200 });
    const told = await breach('EMS-2', { base: { postage: { amountMinor: 3_000, currency: 'CNY' } } });
    expect(short(told).slice(0, 2)).toEqual(['compensation.settled EMS-2', 'refund.requested EMS-2']);
    expect(await amounts('EMS-2')).toEqual(['2200 paid', '800 requested']);
    expect(await world.balances()).toEqual({ expense: 3_000, payable: -800, paid: -2_200, receivable: 0 });
  });

  it('claws back up to the cap and absorbs the rest, until the money comes back', async () => {
    await open('afterPayment: claw-back\nclawBackCap: 20.00');
    await breach();
    await settle(world.settlement('paid', { lineId, reference: 'P1', paidAt: '2018-05-04T00:00:00.000Z' }));
    await world.apply(TOPICS.promises, [world.retracted('EMS-1', 3)]);
    expect(await world.balances()).toEqual({
      expense: 0,
      payable: 0,
      paid: -2_200,
      receivable: 2_000,
      'false-breach': 200,
    });
    await settle(world.settlement('failed', { lineId, reference: 'P1', paidAt: '2018-05-05T00:00:00.000Z' }));
    expect(await world.balances()).toEqual({ expense: 0, payable: 0, paid: 0, receivable: 0, 'false-breach': 0 });
  });

  it('marks a line unclaimed when finance finds no way to pay it', async () => {
    await open();
    await breach();
    const told = await settle(world.settlement('failed', { lineId, reference: 'P1', reason: 'no-payee' }));
    expect(short(told)).toEqual(['compensation.unclaimed EMS-1']);
    expect(await amounts()).toEqual(['2200 unclaimed']);
    expect(await world.balances()).toEqual({ expense: 2_200, payable: -2_200 });
  });

  it('says by which one way a line leaves, and how much tax was in it', async () => {
    await open('route: export:bank\ntax: { postage: facts.destination }');
    const tax = [{ code: 'VAT', rateMicros: 60_000, amountMinor: 127 }];
    const [told] = await breach('EMS-1', {
      facts: { destination: tax },
      base: { postage: { amountMinor: 2_250, currency: 'CNY' } },
    });
    expect(told?.data).toMatchObject({ route: 'export:bank', tax: [{ code: 'VAT', rateMicros: 60_000 }] });
  });
});
