import { partitionOf, TOPICS } from '#libs/contracts';
import { CompensationWorld, lineIdFor, short } from '../e2e/compensation-world.js';
import { worldsInMemory } from './memory-world.js';

describe('words before due', () => {
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
  const NOTICES = [
    '  - { id: heads-up, kind: notice, template: at-risk }',
    '  - { id: new-time, kind: notice, upon: re-promised, template: re-promised }',
  ].join('\n');
  const open3 = { verdict: null, decidedAt: '2018-05-03T10:00:00.000Z' } as const;
  const atRisk = (subject = 'EMS-1', sequence = 2, more: object = {}) =>
    world.promise('at-risk', {
      ...open3,
      subject,
      sequence,
      warning: { id: 'PT2H', tell: 'recipient' },
      parties: { customer: 'C-1', recipient: 'R-1' },
      ...more,
    });

  it('warns whom the warning names, once a promise, and withdraws it when the fact comes first', async () => {
    await open(NOTICES);
    const told = await promises(atRisk(), atRisk('EMS-1', 3, { warning: { id: '75%', tell: 'recipient' } }));
    expect(short(told)).toEqual(['notice.requested EMS-1']);
    expect(told[0]?.data.body).toContain('It may take longer');
    const kept = world.promise('kept', { subject: 'EMS-1', sequence: 4, verdict: 'kept' });
    expect(short(await promises(kept))).toEqual(['notice.cancelled EMS-1']);
  });

  it('leaves what was sent, and apologises all the same when the promise is missed', async () => {
    await open(NOTICES);
    await promises(atRisk());
    await sent('heads-up');
    expect(short(await promises(world.promise('breached', { subject: 'EMS-1', sequence: 3 })))).toEqual([
      'refund.requested EMS-1',
      'apology.requested EMS-1',
    ]);
    expect((await world.lines('EMS-1')).map(({ remedyId, state }) => `${remedyId} ${state}`)).toEqual([
      'heads-up sent',
      'postage requested',
      'sorry requested',
    ]);
  });

  it('tells each new time, and no old one that was not sent yet', async () => {
    await open(NOTICES);
    const moved = (sequence: number, day: string) =>
      world.promise('rescheduled', {
        ...open3,
        subject: 'EMS-1',
        sequence,
        dueAt: `2018-05-${day}T12:00:00.000Z`,
        firstDueAt: '2018-05-03T12:00:00.000Z',
      });
    const first = await promises(moved(2, '05'));
    expect(short(first)).toEqual(['notice.requested EMS-1']);
    expect(first[0]?.data.body).toContain('We promise it now by 5 May 2018');
    expect(short(await promises(moved(3, '06')))).toEqual(['notice.cancelled EMS-1', 'notice.requested EMS-1']);
  });

  describe('upon a declared disruption', () => {
    const TERMS = [
      NOTICES,
      '  - { id: storm, kind: notice, upon: disruption, template: disruption }',
      'warn: [{ disruption: true, tell: recipient }]',
    ].join('\n');
    const declared = (subject: string, sequence: number, disruption: string, more: object = {}) =>
      atRisk(subject, sequence, { warning: { id: 'disruption', tell: 'recipient' }, disruption, ...more });

    it('tells whom the warning names, once a disruption, in their language', async () => {
      await open(TERMS);
      const updated = { type: 'customer.updated', data: { customer: 'R-1', locale: 'sl' } };
      await world.apply(TOPICS.signals, [world.record(TOPICS.signals, 'C-1', updated)]);
      const told = await promises(declared('EMS-1', 2, 'D-1'));
      expect(short(told)).toEqual(['notice.requested EMS-1']);
      expect(told[0]?.data.body).toContain('Prišlo je do motnje');
      expect(await promises(declared('EMS-1', 2, 'D-1'))).toEqual([]);
      await sent('storm/D-1');
      const next = { decidedAt: '2018-05-04T10:00:00.000Z', dueAt: '2018-05-05T12:00:00.000Z' };
      expect(short(await promises(declared('EMS-1', 3, 'D-2', next)))).toEqual(['notice.requested EMS-1']);
    });

    it('tells of it one text a day, however many promises it touches, and leaves other warnings alone', async () => {
      await open(TERMS);
      const told = await promises(declared('EMS-1', 2, 'D-1'), declared('EMS-2', 2, 'D-1'), atRisk('EMS-1', 3));
      expect(short(told)).toEqual(['notice.requested EMS-1']);
      const states = async (subject: string) =>
        (await world.lines(subject)).map(({ remedyId, state }) => `${remedyId} ${state}`);
      expect(await states('EMS-1')).toEqual(['heads-up merged', 'storm/D-1 requested']);
      expect(await states('EMS-2')).toEqual(['storm/D-1 merged']);
      const kept = world.promise('kept', { subject: 'EMS-1', sequence: 4, verdict: 'kept' });
      expect(short(await promises(kept))).toEqual(['notice.cancelled EMS-1', 'notice.requested EMS-2']);
    });

    it('is told upon nothing else, and tells no other notice', async () => {
      await open(TERMS);
      await promises(atRisk('EMS-1'));
      await promises(declared('EMS-2', 2, 'D-1', { decidedAt: '2018-05-02T10:00:00.000Z' }));
      const lines = [...(await world.lines('EMS-1')), ...(await world.lines('EMS-2'))];
      expect(lines.map(({ remedyId }) => remedyId)).toEqual(['heads-up', 'storm/D-1']);
    });

    it('waits for the end of quiet hours', async () => {
      await open(`${TERMS}\nquietHours: { from: "17:00", to: "19:00" }`); // 18:00 in Shanghai
      expect(await promises(declared('EMS-1', 2, 'D-1'))).toEqual([]);
      await promises(world.tick(Date.parse('2018-05-03T11:00:00Z'), partitionOf('C-1', 12)));
      expect(short(await world.drain())).toEqual(['notice.requested EMS-1']);
    });
  });

  it('says one a day, and calls after the third day in 90', async () => {
    await open(NOTICES);
    const day = (n: number) => ({
      decidedAt: `2018-05-${String(n).padStart(2, '0')}T10:00:00.000Z`,
      dueAt: '2018-06-01T00:00:00Z',
    });
    const told: string[] = [];
    for (const [i, n] of [1, 1, 2, 3, 4].entries()) told.push(...short(await promises(atRisk(`N-${i}`, 2, day(n)))));
    expect(told).toEqual([
      'notice.requested N-0',
      'notice.requested N-2',
      'notice.requested N-3',
      'callback.requested N-4',
    ]);
  });

  it.each([
    ['the owner alone is warned', { warning: { id: 'PT2H' } }, ''],
    ['due has passed', { decidedAt: '2018-05-03T12:00:00.000Z' }, ''],
    [
      'it stays quiet until due',
      { decidedAt: '2018-05-03T11:00:00.000Z' },
      'quietHours: { from: "19:00", to: "20:00" }',
    ],
  ])('says nothing where %s', async (_, more, terms) => {
    await open(`${NOTICES}\n${terms}`);
    await promises(atRisk('EMS-1', 2, more));
    expect(world.output).toEqual([]);
    expect(world.rejected).toEqual([]);
  });
});
