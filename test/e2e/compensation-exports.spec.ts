import { findDrift } from '../../apps/compensation/src/ledger/self-check.js';
import { TOPICS } from '#libs/contracts';
import type { Caller } from '#libs/service';
import { Exports } from '../../apps/compensation/src/exports/exports.service.js';
import type { MoneyCommand, MoneyCommands } from '../../apps/compensation/src/commands/money-commands.js';
import { BREACHED_AT, CompensationWorld, NO_DRIFT, lineIdFor } from './compensation-world.js';
import { testInfrastructure, type TestInfrastructure } from './infrastructure.js';

const FINANCE: Caller = { keyId: 'fin', role: 'finance', source: null };

describe('exports', () => {
  let infrastructure: TestInfrastructure;
  let world: CompensationWorld;
  let exports: Exports;
  beforeAll(async () => {
    infrastructure = await testInfrastructure();
  }, 120_000);
  beforeEach(async () => {
    world = await CompensationWorld.open(infrastructure.databaseUrl, { terms: 'route: export:bank' });
    exports = exportsOf(world);
  });
  afterEach(async () => {
    expect(await findDrift(world.database)).toEqual(NO_DRIFT);
    expect(await world.disagreements()).toEqual([]);
    await world.database.close();
  });
  afterAll(() => infrastructure.stop(), 60_000);

  /** Commands go to the log and are applied at once. */
  const exportsOf = (target: CompensationWorld, isHeldUp = false): Exports => {
    const send = async (...commands: MoneyCommand[]): Promise<void> => {
      const records = commands.map(({ id, type, key, actor, data }) =>
        target.record(TOPICS.settlements, key, {
          specversion: '1.0',
          id,
          source: 'makegood/operator',
          type,
          subject: key,
          time: '2018-05-05T00:00:00.000Z',
          actor,
          data,
        }),
      );
      if (!isHeldUp) await target.apply(TOPICS.settlements, records);
    };
    const commands = { send, shards: 12, untilKnown: <T>(look: () => Promise<T | null>) => look() };
    const clock = { nowMs: () => BREACHED_AT, sleep: async () => undefined };
    const debtor = { name: 'Post', iban: 'DE89370400440532013000' };
    return new Exports(target.database, commands as unknown as MoneyCommands, clock, debtor);
  };
  const breach = (subject: string) =>
    world.apply(TOPICS.promises, [world.promise('breached', { subject, sequence: 2, customer: subject })]);
  const payee = (customer: string) =>
    world.apply(TOPICS.signals, [
      world.record(TOPICS.signals, customer, {
        type: 'customer.updated',
        data: { customer, payee: { method: 'iban', reference: 'GB82WEST12345698765432', name: `Ms ${customer}` } },
      }),
    ]);
  const refundStates = async (subject: string) =>
    (await world.lines(subject))
      .filter(({ remedyId }) => remedyId === 'postage')
      .map(({ n, state }) => `${n} ${state}`);

  it('hands lines over once, in one export, whose bytes stay the same', async () => {
    await breach('E-1');
    await breach('E-2');
    expect((await exports.pending({})).map(({ subject }) => subject)).toEqual(['E-1', 'E-2']);
    const number = await exports.make({ format: 'csv' }, FINANCE);
    const first = await exports.file(number);
    await world.apply(TOPICS.promises, [
      world.promise('retracted', { subject: 'E-1', customer: 'E-1', sequence: 3, verdict: 'kept' }),
    ]);
    expect(await refundStates('E-1')).toEqual(['1 recall-requested']);
    const again = await exports.file(number);
    expect([again.hash, again.bytes.toString()]).toEqual([first.hash, first.bytes.toString()]);
    expect(first.bytes.toString().split('\r\n')).toHaveLength(4);
    expect(await exports.pending({})).toEqual([]);
    await expect(exports.make({ format: 'csv' }, FINANCE)).rejects.toMatchObject({ problem: { code: 'EXPORT_EMPTY' } });
  });

  it('leaves out what was taken back before it was reached, and what another export had first', async () => {
    await breach('E-1');
    await breach('E-2');
    const slow = exportsOf(world, true);
    const lost = await slow.make({ format: 'csv' }, FINANCE);
    await expect(slow.file(lost)).rejects.toMatchObject({ problem: { code: 'EXPORT_UNKNOWN' } });
    const number = await exports.make({ format: 'csv' }, FINANCE);
    expect(number).toBe(lost + 1);
    const lines = await exports.linesOf(number);
    expect(lines.map(({ isHanded }) => isHanded)).toEqual([true, true]);
    const count = `select count(*) as n from (select line_id from export_line where is_handed group by 1 having count(*) > 1) x`;
    expect(await world.database.query(count)).toEqual([{ n: 0 }]);
  });

  it('is withdrawn by a new artefact: what is owed gets new lines, for a new export', async () => {
    await breach('E-1');
    await breach('E-2');
    const number = await exports.make({ format: 'csv' }, FINANCE);
    const paid = world.settlement('paid', { lineId: lineIdFor('E-2', 'postage', 1), reference: 'BANK-1' });
    await world.apply(TOPICS.settlements, [paid]);
    const row = await exports.find(number);
    const withdrawal = await exports.withdraw(row as NonNullable<typeof row>, 'wrong account', null, FINANCE);
    expect(await refundStates('E-1')).toEqual(['1 cancelled', '2 requested']);
    expect(await refundStates('E-2')).toEqual(['1 paid']);
    expect((await exports.find(withdrawal))?.of).toBe(number);
    expect((await exports.linesOf(withdrawal)).map(({ lineId }) => lineId)).toEqual([lineIdFor('E-1', 'postage', 1)]);
    expect((await exports.pending({})).map(({ lineId }) => lineId)).toEqual([lineIdFor('E-1', 'postage', 2)]);
    expect(await world.balances()).toEqual({ expense: 4_400, payable: -2_200, paid: -2_200 });
  });

  it('takes only lines with a payee into a pain.001, sets the others aside, and asks again once there is one', async () => {
    await breach('E-1');
    await payee('E-1');
    await breach('E-2');
    const number = await exports.make({ format: 'pain.001' }, FINANCE);
    const { bytes } = await exports.file(number);
    expect(bytes.toString()).toContain('<InstdAmt Ccy="CNY">22.00</InstdAmt>');
    expect(bytes.toString()).toContain('<NbOfTxs>1</NbOfTxs>');
    expect(await refundStates('E-2')).toEqual(['1 unclaimed']);
    await payee('E-2');
    expect(await refundStates('E-2')).toEqual(['1 requested']);
    expect((await exports.pending({})).map(({ subject }) => subject)).toEqual(['E-2']);
  });

  it('never tells by an export what leaves by the topic, or is held', async () => {
    const other = await CompensationWorld.open(infrastructure.databaseUrl, {
      terms: 'route: \'facts.destination == "bank" ? "export:bank" : "topic"\'\napproval: { above: 10 }',
    });
    await other.apply(TOPICS.promises, [
      other.promise('breached', { subject: 'T-1', sequence: 2 }),
      other.promise('breached', { subject: 'T-2', sequence: 2, facts: { destination: 'bank' } }),
    ]);
    expect(await exportsOf(other).pending({})).toEqual([]);
    await other.apply(TOPICS.settlements, [
      other.decision('approve', lineIdFor('T-1', 'postage', 1), 'ana', 2_200),
      other.decision('approve', lineIdFor('T-2', 'postage', 1), 'ana', 2_200),
    ]);
    expect((await exportsOf(other).pending({})).map(({ subject }) => subject)).toEqual(['T-2']);
    await other.database.close();
  });
});
