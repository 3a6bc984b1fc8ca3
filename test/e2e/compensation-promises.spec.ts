import { findDrift } from '../../apps/compensation/src/ledger/self-check.js';
import { TOPICS } from '#libs/contracts';
import { formatInstant } from '#libs/kernel';
import { BREACHED_AT, CompensationWorld, NO_DRIFT, HOUR_MS, lineIdFor, short } from './compensation-world.js';
import { testInfrastructure, type TestInfrastructure } from './infrastructure.js';

describe('promise events become lines', () => {
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
  const promises = (...records: Parameters<CompensationWorld['apply']>[1]) => world.apply(TOPICS.promises, records);
  const at = (hours: number): string => formatInstant(BREACHED_AT + hours * HOUR_MS);

  it('asks for the refund and apologises, once, whatever comes twice', async () => {
    const breached = world.promise('breached', { subject: 'EMS-1', sequence: 2 });
    expect(short(await promises(breached, breached))).toEqual(['refund.requested EMS-1', 'apology.requested EMS-1']);
    expect(await promises(breached)).toEqual([]);
    expect(await world.balances()).toEqual({ expense: 2_200, payable: -2_200 });
  });

  it('says the same bytes whether events come in one batch or one by one', async () => {
    const records = [
      world.promise('breached', { subject: 'EMS-1', sequence: 2 }),
      world.promise('breached', { subject: 'EMS-2', sequence: 2, decidedAt: at(1) }),
      world.retracted('EMS-1', 3),
      world.promise('reinstated', { subject: 'EMS-1', sequence: 4, decidedAt: at(3) }),
      world.promise('breached', { subject: 'EMS-3', sequence: 2, decidedAt: at(24) }),
    ];
    await promises(...records);
    const whole = world.output.map(({ value }) => value.toString());
    const other = await CompensationWorld.open(infrastructure.databaseUrl);
    for (const record of records) await other.apply(TOPICS.promises, [record]);
    expect(other.output.map(({ value }) => value.toString())).toEqual(whole);
    expect(await other.balances()).toEqual(await world.balances());
    await other.database.close();
  });

  it('takes back what is not owed and ignores what it knows', async () => {
    await promises(world.promise('breached', { subject: 'EMS-1', sequence: 2 }));
    const told = await promises(
      world.retracted('EMS-1', 3),
      world.promise('breached', { subject: 'EMS-1', sequence: 2 }),
    );
    expect(short(told)).toEqual(['refund.cancelled EMS-1', 'apology.cancelled EMS-1']);
    expect(told[0]?.data.reason).toBe('retracted');
    expect(await world.balances()).toEqual({ expense: 0, payable: 0 });
  });

  it('puts two contents of one sequence to the dead letters', async () => {
    await promises(world.promise('breached', { subject: 'EMS-1', sequence: 2 }));
    await promises(world.promise('breached', { subject: 'EMS-1', sequence: 2, latenessMs: 1 }));
    expect(world.rejected.map(({ reason }) => reason)).toEqual(['SEQUENCE_CONFLICT']);
  });

  it('waits for terms that the control topic has not brought yet', async () => {
    const early = await CompensationWorld.open(infrastructure.databaseUrl, { guarantees: false });
    const breached = early.promise('breached', { subject: 'EMS-1', sequence: 2 });
    await expect(early.apply(TOPICS.promises, [breached])).rejects.toMatchObject({ retryable: true });
    await early.learnGuarantee();
    expect(await early.apply(TOPICS.promises, [breached])).toHaveLength(2);
    await early.database.close();
  });

  it('computes shadow promises and tells nobody', async () => {
    expect(await promises(world.promise('breached', { subject: 'EMS-1', sequence: 2, mode: 'shadow' }))).toEqual([]);
    expect((await world.lines('EMS-1')).map(({ state }) => state)).toEqual(['shadow', 'shadow']);
    expect(await world.balances()).toEqual({});
  });

  it('owes money but no words to nobody known', async () => {
    const told = await promises(
      world.promise('breached', { subject: 'EMS-1', sequence: 2, customer: 'anonymous:EMS-1' }),
    );
    expect(short(told)).toEqual(['refund.requested EMS-1']);
  });

  it('apologises once a day, and tells the next when the first is taken back', async () => {
    await promises(
      world.promise('breached', { subject: 'EMS-1', sequence: 2 }),
      world.promise('breached', { subject: 'EMS-2', sequence: 2, decidedAt: at(1) }),
      world.promise('breached', { subject: 'EMS-3', sequence: 2, decidedAt: at(2) }),
    );
    expect(short(world.output.map(({ value }) => JSON.parse(value.toString())))).toEqual([
      'refund.requested EMS-1',
      'apology.requested EMS-1',
      'refund.requested EMS-2',
      'refund.requested EMS-3',
    ]);
    expect(short(await promises(world.retracted('EMS-1', 3)))).toEqual([
      'refund.cancelled EMS-1',
      'apology.cancelled EMS-1',
      'apology.requested EMS-2',
    ]);
  });

  it('begins a new day at the midnight of the guarantee, not of UTC', async () => {
    const told = await promises(
      world.promise('breached', { subject: 'EMS-1', sequence: 2, decidedAt: '2018-05-03T15:59:59.999Z' }),
      world.promise('breached', { subject: 'EMS-2', sequence: 2, decidedAt: '2018-05-03T16:00:00.000Z' }),
    );
    expect(short(told).filter((text) => text.startsWith('apology'))).toEqual([
      'apology.requested EMS-1',
      'apology.requested EMS-2',
    ]);
    expect(told[1]?.data.body).not.toBe(told[3]?.data.body);
  });

  it('speaks the language of the customer where it has the words, and escapes what it inserts', async () => {
    world.templates.add('sl', 'delivery-late', 'Zamuda\n---\nŽal nam je: {{ subject }}');
    const updated = { type: 'customer.updated', data: { customer: 'C-1', locale: 'sl-SI' } };
    await world.apply(TOPICS.signals, [world.record(TOPICS.signals, 'C-1', updated)]);
    const told = await promises(world.promise('breached', { subject: '<b>&', sequence: 2 }));
    expect(told[1]?.data).toMatchObject({ locale: 'sl', title: 'Zamuda', body: 'Žal nam je: &lt;b&gt;&amp;' });
  });

  it('pays all the same when the words fail', async () => {
    world.templates.add('en', 'delivery-late', 'Late\n---\n{{ misspelt }}');
    expect(short(await promises(world.promise('breached', { subject: 'EMS-1', sequence: 2 })))).toEqual([
      'refund.requested EMS-1',
    ]);
    expect(world.rejected).toMatchObject([
      { reason: 'TEMPLATE_FAILED', detail: expect.stringContaining('misspelt') as string },
    ]);
  });

  it('names each line by its breach, remedy and number', async () => {
    await promises(
      world.promise('breached', { subject: 'EMS-1', sequence: 2 }),
      world.retracted('EMS-1', 3),
      world.promise('reinstated', { subject: 'EMS-1', sequence: 4, decidedAt: at(3) }),
    );
    const ids = world.output.map(
      ({ value }) => (JSON.parse(value.toString()) as { data: { lineId: string } }).data.lineId,
    );
    expect(ids).toContain(lineIdFor('EMS-1', 'postage', 1));
    expect(ids).toContain(lineIdFor('EMS-1', 'postage', 2));
  });

  it('lets a person call after the third apology in 90 days, and apologises again when they have passed', async () => {
    const kinds: string[] = [];
    for (const [i, day] of [0, 10, 20, 30, 31, 99].entries()) {
      const subject = `F-${i}`;
      const told = await promises(
        world.promise('breached', { subject, sequence: 2, decidedAt: at(day * 24), owner: 'Ana' }),
      );
      const words = told.find(({ type }) => !type.includes('refund'));
      kinds.push(`${words?.type} ${words?.data.reason ?? ''}`);
    }
    expect(kinds).toEqual([
      'makegood.apology.requested ',
      'makegood.apology.requested ',
      'makegood.apology.requested ',
      'makegood.callback.requested apology-fatigue',
      'makegood.callback.requested apology-fatigue',
      'makegood.apology.requested ',
    ]);
  });

  it('speaks the language of the customer, and not at all to whom wants no messages of the service', async () => {
    const customer = (name: string, data: object) =>
      world.record(TOPICS.signals, name, { type: 'customer.updated', data: { customer: name, ...data } });
    await world.apply(TOPICS.signals, [
      customer('C-zh', { locale: 'zh-CN' }),
      customer('C-no', { optOut: ['service'] }),
    ]);
    const told = await promises(
      world.promise('breached', { subject: 'L-1', sequence: 2, customer: 'C-zh' }),
      world.promise('breached', { subject: 'L-2', sequence: 2, customer: 'C-no' }),
    );
    expect(short(told)).toEqual(['refund.requested L-1', 'apology.requested L-1', 'refund.requested L-2']);
    expect(told[1]?.data.body).toContain('致歉');
  });
});
