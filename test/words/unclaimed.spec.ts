import type { Response } from 'express';
import { LineCommands } from '../../apps/compensation/src/commands/line-commands.js';
import type { MoneyCommand, MoneyCommands } from '../../apps/compensation/src/commands/money-commands.js';
import { claimReferenceOf } from '../../apps/compensation/src/entitlement/claim-reference.js';
import { Exports } from '../../apps/compensation/src/exports/exports.service.js';
import { findDrift } from '../../apps/compensation/src/ledger/self-check.js';
import { UnclaimedController } from '../../apps/compensation/src/unclaimed/unclaimed.controller.js';
import { partitionOf, TOPICS } from '#libs/contracts';
import type { LogRecord } from '#libs/messaging';
import { BREACHED_AT, CompensationWorld, HOUR_MS, NO_DRIFT, lineIdFor, short } from '../e2e/compensation-world.js';
import { worldsInMemory } from './memory-world.js';

const DAY_MS = 24 * HOUR_MS;
const FINANCE = { keyId: 'fin', role: 'finance', source: null } as const;
/** A settlement's time in these tests. */
const ASIDE_AT = Date.parse('2018-05-04T00:00:00Z');
const SHARD = partitionOf('C-1', 12);

describe('money that nobody could be paid', () => {
  let world: CompensationWorld;
  const opened = worldsInMemory(() => world);

  const lineId = lineIdFor('EMS-1', 'postage', 1);
  const reference = claimReferenceOf(lineId);
  /** Everything that was read so far, in its order: what a database put back reads again. */
  const read: (readonly [topic: string, record: LogRecord])[] = [];
  const apply = async (topic: string, ...records: LogRecord[]) => {
    read.push(...records.map((record) => [topic, record] as const));
    return world.apply(topic, records);
  };
  const breach = () => apply(TOPICS.promises, world.promise('breached', { subject: 'EMS-1', sequence: 2 }));
  const setAside = (settled = 'R1') =>
    apply(TOPICS.settlements, world.settlement('failed', { lineId, reference: settled, reason: 'no-payee' }));
  const tick = async (atMs: number) => {
    const told = await apply(TOPICS.promises, world.tick(atMs, SHARD));
    return [...told, ...(await world.drain())];
  };
  const customer = (data: object) =>
    apply(
      TOPICS.signals,
      world.record(TOPICS.signals, 'C-1', { type: 'customer.updated', data: { customer: 'C-1', ...data } }),
    );
  const money = async () =>
    (await world.lines('EMS-1')).filter(({ remedyId }) => remedyId.startsWith('postage')).map(({ state }) => state);

  const open = async (terms = '') => {
    read.length = 0;
    world = await opened(terms);
  };

  /** Commands go to the log and are applied at once, as of a moment. */
  const commandsAt = (time: string): MoneyCommands => {
    const send = async (...commands: MoneyCommand[]): Promise<void> => {
      for (const { id, type, key, actor, data } of commands) {
        const event = { specversion: '1.0', id, source: 'makegood/operator', type, subject: key, time, actor, data };
        await apply(TOPICS.settlements, world.record(TOPICS.settlements, key, event));
      }
    };
    const untilKnown = <T>(look: () => Promise<T | null>) => look();
    return { send, shards: 12, untilKnown } as unknown as MoneyCommands;
  };
  const desk = (time = '2018-05-05T00:00:00.000Z') =>
    new UnclaimedController(world.database, new LineCommands(world.database, commandsAt(time)));
  const response = { status: () => undefined } as unknown as Response;
  const claim = (payee: string, named = reference, at?: string) =>
    desk(at).claim(named, { payee }, undefined, FINANCE, response);

  it('reminds in the language of whom it belongs to, once, by the log’s time', async () => {
    await open();
    await customer({ locale: 'sl' });
    await breach();
    await setAside();
    expect(await tick(ASIDE_AT + 30 * DAY_MS - 1)).toEqual([]);
    const told = await tick(ASIDE_AT + 31 * DAY_MS);
    expect(short(told)).toEqual(['notice.requested EMS-1']);
    expect(told[0]).toMatchObject({ time: '2018-06-03T00:00:00.000Z', data: { locale: 'sl', template: 'unclaimed' } });
    for (const text of ['navedite to oznako', reference, '22.00 CNY']) expect(told[0]?.data.body).toContain(text);
    expect(await tick(ASIDE_AT + 400 * DAY_MS)).toEqual([]);
  });

  it('reminds once though the database is put back to before it was set aside, and books nothing again', async () => {
    await open();
    await breach();
    await setAside();
    await tick(ASIDE_AT + 31 * DAY_MS);
    await claim('C-9');
    await setAside('R2');
    await customer({ payee: { method: 'iban', reference: 'GB82WEST12345698765432', name: 'Ms One' } });
    const other = await opened('');
    await other.adopt(world.output);
    expect(await other.lines('EMS-1')).toEqual(await world.lines('EMS-1'));
    for (const [topic, record] of read) {
      expect(await other.apply(topic, [record])).toEqual([]);
      expect(await other.drain()).toEqual([]);
    }
    expect(await other.balances()).toEqual(await world.balances());
    expect(await findDrift(other.database)).toEqual(NO_DRIFT);
    await other.database.close();
  });

  it('still reminds where the database is put back before the reminder was due', async () => {
    await open();
    await breach();
    await setAside();
    const other = await opened('');
    await other.adopt(world.output);
    for (const [topic, record] of read) await other.apply(topic, [record]);
    expect(other.output).toEqual([]);
    await other.apply(TOPICS.promises, [other.tick(ASIDE_AT + 30 * DAY_MS, SHARD)]);
    const [here, there] = [await tick(ASIDE_AT + 30 * DAY_MS), await other.drain()];
    expect(short(there)).toEqual(['notice.requested EMS-1']);
    expect(JSON.stringify(there)).toBe(JSON.stringify(here));
    await other.database.close();
  });

  it('says the same whether the tick ends a batch or lies within one', async () => {
    await open();
    await breach();
    await setAside();
    const told = await world.apply(TOPICS.promises, [
      world.tick(ASIDE_AT + 30 * DAY_MS, SHARD),
      world.retracted('EMS-1', 3, ASIDE_AT + 30 * DAY_MS + 1),
    ]);
    // the apology was never sent either
    expect(short(told).toSorted()).toEqual(
      [
        'notice.requested EMS-1',
        'notice.cancelled EMS-1',
        'refund.cancelled EMS-1',
        'apology.cancelled EMS-1',
      ].toSorted(),
    );
  });

  it('waits with the reminder until it is no longer quiet where the customer is', async () => {
    await open('quietHours: { from: "07:00", to: "20:00" }');
    await customer({ timeZone: 'Asia/Shanghai' });
    await breach(); // 02:00 there
    await setAside();
    expect(await tick(ASIDE_AT + 30 * DAY_MS)).toEqual([]); // 08:00
    const told = await tick(ASIDE_AT + 30 * DAY_MS + 12 * HOUR_MS);
    expect(told.map((one) => (one as unknown as { time: string }).time)).toEqual(['2018-06-03T12:00:00.000Z']);
  });

  it('tells nobody who wants no messages of the service, and says so at the line', async () => {
    await open();
    await customer({ optOut: ['service'] });
    await breach();
    await setAside();
    expect(await tick(ASIDE_AT + 30 * DAY_MS)).toEqual([]);
    expect(await money()).toEqual(['unclaimed', 'merged']);
  });

  it('is claimed by its reference, however it is written, for the payee named: once', async () => {
    await open('route: export:bank');
    await breach();
    await setAside();
    const waiting = await desk().list({ customer: 'C-1' });
    expect(waiting.items).toMatchObject([{ lineId, claim: { reference, until: null, payee: null } }]);
    await expect(claim('C-9')).rejects.toMatchObject({ problem: { code: 'PAYEE_UNKNOWN' } });
    const payee = { method: 'iban', reference: 'GB82WEST12345698765432', name: 'Ms Nine' };
    const told = { type: 'customer.updated', data: { customer: 'C-9', payee } };
    await world.apply(TOPICS.signals, [world.record(TOPICS.signals, 'C-9', told)]);
    const claimed = await claim('C-9', reference.toLowerCase().replaceAll('-', ' '));
    expect(claimed).toMatchObject({ lineId, state: 'requested', claim: { payee: 'C-9' } });
    await expect(claim('C-8')).rejects.toMatchObject({ problem: { code: 'PAYEE_UNKNOWN' } });
    await expect(claim('C-9')).rejects.toMatchObject({ problem: { code: 'CLAIMED_BEFORE' } });
    expect(await world.outcomes()).toEqual(expect.arrayContaining(['CLAIMED_BEFORE', 'applied']) as string[]);
    const exports = new Exports(
      world.database,
      commandsAt('2018-05-06T00:00:00.000Z'),
      { nowMs: () => BREACHED_AT, sleep: async () => undefined },
      { name: 'Post', iban: 'DE89370400440532013000' },
    );
    expect(await exports.pending({})).toMatchObject([{ lineId, beneficiary: 'C-9', payee }]);
    const { bytes } = await exports.file(await exports.make({ format: 'pain.001' }, FINANCE));
    expect(Buffer.from(bytes).toString()).toContain('Ms Nine');
    await apply(TOPICS.settlements, world.settlement('paid', { lineId, reference: 'BANK-1' }));
    expect(await world.balances()).toEqual({ expense: 2_200, payable: 0, paid: -2_200 });
  });

  it('says of a claim that came too late that it did, and lets finance pay all the same', async () => {
    await open('unclaimed: { remindAfter: P30D, claimWithin: P365D }');
    await breach();
    await setAside();
    await tick(ASIDE_AT + 30 * DAY_MS);
    const expired = await tick(ASIDE_AT + 366 * DAY_MS);
    expect(expired.map(({ data }) => data.reason)).toEqual(['claim-expired']);
    await expect(claim('C-9', reference, '2019-05-04T00:00:00.001Z')).rejects.toMatchObject({
      problem: { code: 'CLAIM_EXPIRED' },
    });
    await apply(TOPICS.settlements, world.settlement('paid', { lineId, reference: 'BANK-1' }));
    expect(await money()).toEqual(['paid', 'cancelled']);
  });

  it('is set aside by each export that finds no payee, also after it was taken up', async () => {
    await open('route: export:bank');
    await breach();
    const exports = new Exports(
      world.database,
      commandsAt('2018-05-06T00:00:00.000Z'),
      { nowMs: () => BREACHED_AT, sleep: async () => undefined },
      { name: 'Post', iban: 'DE89370400440532013000' },
    );
    const make = () => expect(exports.make({ format: 'pain.001' }, FINANCE)).rejects.toThrow();
    await make();
    expect(await money()).toEqual(['unclaimed']);
    await customer({ payee: { method: 'cash', reference: 'counter 3' } }); // no account, for a file of transfers
    expect(await money()).toEqual(['requested']);
    await make();
    expect(await money()).toEqual(['unclaimed']);
  });

  it('goes to the payee that was told, whatever is told of the customer later, until that is taken back', async () => {
    await open('route: export:bank');
    const payee = { method: 'iban', reference: 'GB82WEST12345698765432', name: 'Ms One' };
    await customer({ payee, optOut: ['service'] });
    await customer({ locale: 'sl' });
    await breach();
    const known = () =>
      world.database.query('select locale, payee is not null as "isPayable", opt_out from customer_profile');
    expect(await known()).toEqual([{ locale: 'sl', isPayable: true, opt_out: 'service' }]);
    await customer({ payee: null, optOut: [] });
    expect(await known()).toEqual([{ locale: 'sl', isPayable: false, opt_out: null }]);
  });

  it.each(['MG-0000-0000-0000', 'nonsense'])('knows no line by the reference %s', async (named) => {
    await open();
    await expect(claim('C-9', named)).rejects.toMatchObject({ problem: { code: 'CLAIM_REFERENCE_UNKNOWN' } });
  });
});
