import { findDrift } from '../../apps/compensation/src/ledger/self-check.js';
import { TOPICS } from '#libs/contracts';
import { formatInstant } from '#libs/kernel';
import { activatedBy } from './activated-by.js';
import {
  BREACHED_AT,
  CompensationWorld,
  guaranteeText,
  HOUR_MS,
  lineIdFor,
  NO_DRIFT,
  short,
} from './compensation-world.js';
import { testInfrastructure, type TestInfrastructure } from './infrastructure.js';

describe('holding back', () => {
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

  const open = async (terms: string) => {
    world = await CompensationWorld.open(infrastructure.databaseUrl, { terms });
  };
  const breach = (subject: string, more: object = {}) =>
    world.apply(TOPICS.promises, [world.promise('breached', { subject, sequence: 2, customer: subject, ...more })]);
  const settle = (...records: Parameters<CompensationWorld['apply']>[1]) => world.apply(TOPICS.settlements, records);
  const refund = async (subject: string) =>
    (await world.lines(subject)).filter(({ remedyId }) => remedyId === 'postage');
  const lineId = lineIdFor('EMS-1', 'postage', 1);

  it('holds a line above the amount until another person approves it, and asks for it then, once', async () => {
    await open('approval: { above: 21.99 }');
    expect(short(await breach('EMS-1'))).toEqual(['compensation.held EMS-1', 'apology.requested EMS-1']);
    expect(await world.balances()).toEqual({});
    const approval = world.decision('approve', lineId, 'ana', 2_200);
    const told = await settle(approval, approval);
    expect(short(told)).toEqual(['compensation.approved EMS-1', 'refund.requested EMS-1']);
    expect(told[0]?.data).toMatchObject({ by: 'ana', reason: 'looked at it', lineSequence: 2 });
    expect(await settle(approval, world.decision('approve', lineId, 'bea', 2_200))).toEqual([]);
    expect(await world.balances()).toEqual({ expense: 2_200, payable: -2_200 });
    expect((await world.outcomes()).sort()).toEqual(['LINE_CHANGED', 'applied']);
  });

  it('lets a line at the amount go', async () => {
    await open('approval: { above: 22.00 }');
    expect(short(await breach('EMS-1'))).toContain('refund.requested EMS-1');
  });

  it('wants two persons above the second amount, each naming the amount as it is', async () => {
    await open('approval: { above: 10, secondAbove: 21.99 }');
    await breach('EMS-1');
    await settle(world.decision('approve', lineId, 'ana', 2_100, { id: 'a' }));
    expect(short(await settle(world.decision('approve', lineId, 'ana', 2_200, { id: 'b' })))).toEqual([
      'compensation.approved EMS-1',
    ]);
    await settle(world.decision('approve', lineId, 'ana', 2_200, { id: 'c' }));
    expect(short(await settle(world.decision('approve', lineId, 'bea', 2_200, { id: 'd' })))).toEqual([
      'compensation.approved EMS-1',
      'refund.requested EMS-1',
    ]);
    expect(await world.outcomes()).toEqual(['LINE_CHANGED', 'applied', 'APPROVED_BEFORE', 'applied']);
  });

  it('takes nobody’s approval of terms that they activated themselves', async () => {
    await open('approval: { above: 10 }');
    const text = guaranteeText('approval: { above: 10 }');
    await world.toEveryShard(await activatedBy('ana', 'guarantees/ems-express.yaml', text, world.database));
    await breach('EMS-1');
    await settle(world.decision('approve', lineId, 'ana', 2_200));
    expect(await world.outcomes()).toEqual(['APPROVAL_OF_ONES_OWN']);
    expect(await refund('EMS-1')).toMatchObject([{ state: 'held' }]);
    await settle(world.decision('approve', lineId, 'bea', 2_200));
    expect(await refund('EMS-1')).toMatchObject([{ state: 'requested' }]);
  });

  it('never asks for what was rejected, and counts it as decided', async () => {
    await open('approval: { above: 10 }');
    await breach('EMS-1');
    expect(short(await settle(world.decision('reject', lineId, 'ana', 2_200)))).toEqual([
      'compensation.rejected EMS-1',
    ]);
    await world.apply(TOPICS.promises, [
      world.promise('completed-late', { subject: 'EMS-1', customer: 'EMS-1', sequence: 3, latenessMs: 5 }),
    ]);
    expect(await refund('EMS-1')).toMatchObject([{ n: 1, state: 'rejected' }]);
    expect(await world.balances()).toEqual({});
  });

  it('cancels a held line with its breach, and books what is paid on it nevertheless', async () => {
    await open('approval: { above: 10 }');
    await breach('EMS-1');
    await breach('EMS-2');
    const paid = world.settlement('paid', { lineId: lineIdFor('EMS-2', 'postage', 1), reference: 'R' });
    expect(short(await settle(paid))).toEqual(['compensation.approved EMS-2', 'compensation.settled EMS-2']);
    const told = await world.apply(TOPICS.promises, [
      world.promise('retracted', { subject: 'EMS-1', customer: 'EMS-1', sequence: 3, verdict: 'kept' }),
    ]);
    expect(short(told)).toEqual(['compensation.rejected EMS-1', 'apology.cancelled EMS-1']);
    expect(await world.balances()).toEqual({ expense: 2_200, payable: 0, paid: -2_200 });
  });

  it('holds what is beyond the budget of the period, of all and of one customer, and gives back what is cancelled', async () => {
    await open('budget: { amount: 66.00, per: month }\nbudgetPerCustomer: { amount: 30.00, per: year }');
    const states = async (...subjects: string[]) => Promise.all(subjects.map(async (s) => (await refund(s))[0]?.state));
    await breach('B-1', { customer: 'C-1' });
    await breach('B-2', { customer: 'C-1' });
    await breach('B-3', { customer: 'C-2' });
    await breach('B-4', { customer: 'C-3' });
    await breach('B-5', { customer: 'C-4' });
    expect(await states('B-1', 'B-2', 'B-3', 'B-4', 'B-5')).toEqual([
      'requested',
      'held',
      'requested',
      'requested',
      'held',
    ]);
    await world.apply(TOPICS.promises, [
      world.promise('retracted', { subject: 'B-3', customer: 'C-2', sequence: 3, verdict: 'kept' }),
    ]);
    await breach('B-6', { customer: 'C-5' });
    await breach('B-7', { customer: 'C-6', decidedAt: '2018-06-02T00:00:00.000Z' });
    expect(await states('B-6', 'B-7')).toEqual(['requested', 'requested']);
  });

  it('holds the batch that passes five times the usual, whole, and lets it go or rejects it in one action', async () => {
    await open('breaker: { holdIf: breaches > 5 * usual, usualAtLeast: 2, region: facts.destination }');
    const storm = (region: string, from: number, count: number) =>
      world.apply(
        TOPICS.promises,
        Array.from({ length: count }, (_, i) =>
          world.promise('breached', {
            subject: `${region}-${from + i}`,
            customer: `${region}-${from + i}`,
            sequence: 2,
            facts: { destination: region },
          }),
        ),
      );
    expect(short(await storm('SP', 1, 10)).filter((told) => told.startsWith('compensation.held'))).toEqual([]);
    expect(new Set(short(await storm('SP', 11, 2)).map((told) => told.split(' ')[0]))).toEqual(
      new Set(['compensation.held']),
    );
    expect(short(await storm('RJ', 1, 1))).toContain('refund.requested RJ-1');
    expect(await world.database.query('select region, breaches from breaker_trip')).toEqual([
      { region: 'SP', breaches: 12 },
    ]);
    const bulk = (verb: string, more: object) =>
      world.toEveryShard({
        id: `${verb}-1`,
        type: `makegood.lines.${verb}`,
        time: formatInstant(BREACHED_AT + HOUR_MS),
        data: {
          guarantee: 'ems-express',
          from: formatInstant(BREACHED_AT),
          to: formatInstant(BREACHED_AT),
          by: 'ops',
          reason: 'a storm indeed',
          ...more,
        },
      });
    await bulk('reject', { region: 'RJ' });
    expect(await world.drain()).toEqual([]);
    await bulk('approve', { region: 'SP' });
    const told = short(await world.drain());
    expect(told.filter((one) => one.startsWith('refund.requested')).sort()).toEqual([
      'refund.requested SP-11',
      'refund.requested SP-12',
    ]);
    await bulk('approve', { region: 'SP' });
    expect(await world.drain()).toEqual([]);
    expect(await world.balances()).toMatchObject({ expense: 13 * 2_200 });
  });

  it('holds the lines of a promise that was opened too late', async () => {
    await open('');
    expect(short(await breach('EMS-1', { flags: ['OPENED_TOO_LATE'] }))[0]).toBe('compensation.held EMS-1');
  });
});
