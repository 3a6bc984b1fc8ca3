import { CompensationsController } from '../../apps/compensation/src/compensations/compensations.controller.js';
import { partitionOf, TOPICS } from '#libs/contracts';
import { CompensationWorld, HOUR_MS, lineIdFor, short, type Told } from '../e2e/compensation-world.js';
import { worldsInMemory } from './memory-world.js';

describe('words: when they are said, held back and corrected', () => {
  let world: CompensationWorld;
  const opened = worldsInMemory(() => world);

  const open = async (terms: string) => {
    world = await opened(terms);
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
    const other = await opened('afterSent: correct');
    await other.adopt(world.output);
    expect(await other.lines('EMS-1')).toEqual(await world.lines('EMS-1'));
    const again = [world.promise('breached', { subject: 'EMS-1', sequence: 2 }), world.retracted('EMS-1', 3)];
    expect(await other.apply(TOPICS.promises, again)).toEqual([]);
    await other.database.close();
  });

  describe('after a person was in touch about the same', () => {
    const contacted = (data: object, at = '2018-05-03T10:00:00Z') =>
      world.apply(TOPICS.signals, [
        world.record(TOPICS.signals, 'C-1', {
          specversion: '1.0',
          id: at,
          source: 'crm',
          type: 'customer.contacted',
          subject: 'C-1',
          time: at,
          data: { customer: 'C-1', channel: 'call', personal: true, ...data },
        }),
      ]);
    const states = async (subject = 'EMS-1') => (await world.lines(subject)).map(({ state }) => state);

    it('holds the text, not the money, until somebody lets it go', async () => {
      await open('');
      await contacted({ group: 'ORDER-1' });
      const told = await promises(world.promise('breached', { subject: 'EMS-1', sequence: 2, group: 'ORDER-1' }));
      expect(short(told)).toEqual(['refund.requested EMS-1', 'compensation.held EMS-1']);
      expect(told[1]?.data.reason).toBe('personal-contact');
      const released = await world.apply(TOPICS.settlements, [
        world.decision('approve', lineIdFor('EMS-1', 'sorry', 1), 'ana', 1),
      ]);
      expect(short(released)).toEqual(['compensation.approved EMS-1', 'apology.requested EMS-1']);
    });

    it.each([
      ['another group', { group: 'ORDER-2' }, undefined],
      ['nothing in particular', {}, undefined],
      ['the same, by a machine', { group: 'ORDER-1', personal: false }, undefined],
      ['the same, before it was promised', { group: 'ORDER-1' }, '2018-04-30T23:59:59.999Z'],
    ])('says it when the contact was about %s', async (_, data, at) => {
      await open('');
      await contacted(data, at);
      await promises(world.promise('breached', { subject: 'EMS-1', sequence: 2, group: 'ORDER-1' }));
      expect(await states()).toEqual(['requested', 'requested']);
    });

    it('holds what was put and is not said yet, and leaves alone what was said', async () => {
      await open('quietHours: { from: "21:00", to: "08:00" }');
      await breach(); // 02:00 in Shanghai
      await promises(world.promise('breached', { subject: 'EMS-2', sequence: 2 }));
      expect(short(await contacted({ subject: 'EMS-1' }))).toEqual(['compensation.held EMS-1']);
      expect(await contacted({ subject: 'EMS-1' }, '2018-05-03T11:00:00Z')).toEqual([]);
      expect([await states(), await states('EMS-2')]).toEqual([
        ['requested', 'held'],
        ['requested', 'merged'],
      ]);
    });
  });

  describe('in quiet hours', () => {
    const QUIET = 'quietHours: { from: "21:00", to: "08:00" }';
    /** Shanghai has UTC+8: the breach of these tests is at 02:00 there. */
    const MORNING = Date.parse('2018-05-04T00:00:00Z');
    const shard = partitionOf('C-1', 12);
    const tick = async (atMs: number) => {
      const told = await promises(world.tick(atMs, shard));
      return [...short(told), ...short(await world.drain())];
    };

    it('waits for their end, by the ticks, and tells it as of then', async () => {
      await open(QUIET);
      expect(short(await breach())).toEqual(['refund.requested EMS-1']);
      expect(await tick(MORNING - 1)).toEqual([]);
      expect(await tick(MORNING + 7 * HOUR_MS)).toEqual(['apology.requested EMS-1']);
      const told = JSON.parse(world.output.at(-1)?.value.toString() ?? '') as { time: string };
      expect(told.time).toBe('2018-05-04T00:00:00.000Z');
      expect(await tick(MORNING + 8 * HOUR_MS)).toEqual([]);
    });

    it('is shown with the moment that it waits for', async () => {
      await open(QUIET);
      await breach();
      const desk = new CompensationsController(world.database);
      const { items } = await desk.list({ state: 'waiting' });
      const expected = { lineId: lineIdFor('EMS-1', 'sorry', 1), waitsUntil: '2018-05-04T00:00:00.000Z' };
      expect(items).toMatchObject([expected]);
      expect((await desk.one(expected.lineId)).lines.map(({ state }) => state)).toEqual(['requested', 'waiting']);
    });

    it('goes by the clock of the customer where it is known', async () => {
      await open(QUIET);
      const updated = { type: 'customer.updated', data: { customer: 'C-1', timeZone: 'America/Sao_Paulo' } };
      await world.apply(TOPICS.signals, [world.record(TOPICS.signals, 'C-1', updated)]);
      expect(short(await breach())).toEqual(['refund.requested EMS-1', 'apology.requested EMS-1']); // 15:00 there
    });

    it('tells nobody of what was taken back before', async () => {
      await open(QUIET);
      await breach();
      expect(short(await promises(world.retracted('EMS-1', 3)))).toEqual(['refund.cancelled EMS-1']);
      expect(await tick(MORNING)).toEqual([]);
    });

    it('counts what waits as the apology of the day, and lets the next wait in its place', async () => {
      await open(QUIET);
      await breach();
      await promises(world.promise('breached', { subject: 'EMS-2', sequence: 2 }));
      expect((await world.lines('EMS-2')).map(({ state }) => state)).toEqual(['requested', 'merged']);
      await promises(world.retracted('EMS-1', 3));
      expect((await world.lines('EMS-2')).map(({ state }) => state)).toEqual(['requested', 'waiting']);
      expect(await tick(MORNING)).toEqual(['apology.requested EMS-2']);
    });

    it('says the same bytes whether the tick ends a batch or lies within one', async () => {
      await open(QUIET);
      const records = [
        world.promise('breached', { subject: 'EMS-1', sequence: 2 }),
        world.tick(MORNING, shard),
        world.retracted('EMS-1', 3, MORNING + 1_000),
        world.tick(MORNING + HOUR_MS, shard),
      ];
      for (const record of records) {
        await promises(record);
        await world.drain();
      }
      const told = world.output.map(({ value }) => value.toString());
      expect(told.map((text) => (JSON.parse(text) as Told).type)).toEqual([
        'makegood.refund.requested',
        'makegood.apology.requested',
        'makegood.refund.cancelled',
        'makegood.apology.cancelled',
      ]);
      const other = await opened(QUIET);
      await other.apply(TOPICS.promises, records);
      await other.drain();
      expect(other.output.map(({ value }) => value.toString())).toEqual(told);
      await other.database.close();
    });
  });
});
