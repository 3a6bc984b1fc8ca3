import { TOPICS } from '#libs/contracts';
import { formatInstant } from '#libs/kernel';
import { BREACHED_AT, CompensationWorld, HOUR_MS, lineIdFor, short } from '../e2e/compensation-world.js';
import { worldsInMemory } from '../words/memory-world.js';

/** What is counted, held and claimed, in a database that learns it from the topics after it was put back. */
describe('a database put back to before it held, counted and heard claims', () => {
  let world: CompensationWorld;
  const opened = worldsInMemory(() => world);
  const breach = (subject: string, more: object = {}) =>
    world.promise('breached', { subject, sequence: 2, customer: 'C-1', facts: { destination: 'SP' }, ...more });
  const settle = (...records: Parameters<CompensationWorld['apply']>[1]) => world.apply(TOPICS.settlements, records);
  const purse = () => world.database.query('select used_minor as used from budget_use');
  const counted = () => world.database.query('select region, breaches from breach_count');

  /** The topics as another database has filled them; the one at hand starts from nothing and learns them. */
  const restored = async (terms: string, live: () => Promise<unknown>): Promise<void> => {
    world = await opened(terms);
    await live();
    const { output } = world;
    await world.database.close();
    world = await opened(terms);
    await world.adopt(output);
    await world.adopt(output);
  };

  const BREAKER = 'breaker: { holdIf: breaches > 2 * usual, usualAtLeast: 1, region: facts.destination }';

  it('counts a breach once, however many copies a batch has of it, and whether learned or read again', async () => {
    await restored(BREAKER, () => world.apply(TOPICS.promises, [breach('A'), breach('A'), breach('B')]));
    expect(await counted()).toEqual([{ region: 'SP', breaches: 2 }]);
    expect(short(await world.apply(TOPICS.promises, [breach('A'), breach('C')]))).toContain('compensation.held C');
    expect(await counted()).toEqual([{ region: 'SP', breaches: 3 }]);
  });

  it('knows what of a budget is spent, also by lines that are let go before their verdict is read again', async () => {
    await restored('budget: { amount: 30.00, per: year }', () =>
      world.apply(TOPICS.promises, [breach('A'), breach('B')]),
    );
    expect(await purse()).toEqual([{ used: 2_200 }]);
    const approved = await settle(world.decision('approve', lineIdFor('B', 'postage', 1), 'ana', 2_200));
    expect(short(approved)).toContain('refund.requested B');
    expect(await purse()).toEqual([{ used: 4_400 }]);
    await world.apply(TOPICS.promises, [breach('A'), breach('B')]);
    expect(await purse()).toEqual([{ used: 4_400 }]);
  });

  it('takes the release of a wave for no approval of an amount, before and after', async () => {
    const release = {
      ...{ id: 'r', type: 'makegood.lines.approve', time: formatInstant(BREACHED_AT + HOUR_MS) },
      data: { guarantee: 'ems-express', from: formatInstant(0), to: formatInstant(BREACHED_AT + HOUR_MS), by: 'ops' },
    };
    const approve = (by: string) => settle(world.decision('approve', lineIdFor('C', 'postage', 1), by, 2_200));
    await restored(`${BREAKER}\napproval: { above: 10, secondAbove: 20 }`, async () => {
      await world.apply(TOPICS.promises, [breach('A'), breach('B'), breach('C')]);
      await world.toEveryShard(release);
      await world.drain();
      expect(short(await approve('ana'))).toEqual(['compensation.approved C']);
    });
    expect(short(await approve('ben'))).toEqual(['compensation.approved C', 'refund.requested C']);
    await world.apply(TOPICS.promises, [breach('A'), breach('B'), breach('C')]);
  });

  it('asks for a line of which it was told that it is approved, and no more', async () => {
    world = await opened('approval: { above: 10 }');
    await world.apply(TOPICS.promises, [breach('A')]);
    const approval = world.decision('approve', lineIdFor('A', 'postage', 1), 'ana', 2_200);
    await settle(approval);
    const output = world.output.filter(({ value }) => !value.toString().includes('refund.requested'));
    await world.database.close();
    world = await opened('approval: { above: 10 }');
    await world.adopt(output);
    expect(short(await settle(approval))).toEqual(['refund.requested A']);
    await world.apply(TOPICS.promises, [breach('A')]);
  });

  it('neither takes back nor pays again what a claim has brought, nor answers it again', async () => {
    let claim: ReturnType<CompensationWorld['upstream']> | undefined;
    await restored('claim: {}', async () => {
      claim = world.upstream('claim.filed', 'A', { subject: 'A', claimant: 'C-1' });
      await world.apply(TOPICS.promises, [breach('A')]);
      expect(short(await settle(claim)).slice(0, 2)).toEqual(['claim.answered A', 'refund.requested A']);
    });
    expect(await world.apply(TOPICS.promises, [breach('A')])).toEqual([]);
    expect(claim && (await settle(claim))).toEqual([]);
    expect((await world.lines('A')).filter(({ remedyId }) => remedyId === 'postage')).toMatchObject([
      { n: 1, state: 'requested' },
    ]);
  });

  it('pays no difference for money that others gave back, since it reads of that first', async () => {
    const returned = () => {
      const amount = { amountMinor: 700, currency: 'CNY' };
      return world.upstream('money.returned', 'A', { subject: 'A', base: 'postage', amount, reference: 'R1' }, 'r1');
    };
    const postage = async () =>
      (await world.lines('A'))
        .filter(({ remedyId }) => remedyId === 'postage')
        .map(({ amountMinor, state }) => `${amountMinor} ${state}`);
    expect(world.processor.readsFirst).toBe(TOPICS.settlements); // how the shard log keeps that: read-first.spec

    await restored('', async () => {
      await settle(returned());
      await world.apply(TOPICS.promises, [breach('A')]);
    });
    expect(await settle(returned())).toEqual([]);
    expect(await world.apply(TOPICS.promises, [breach('A')])).toEqual([]);
    expect(await postage()).toEqual(['1500 requested']);

    await restored('', async () => {
      await world.apply(TOPICS.promises, [breach('A')]);
      await settle(returned());
    });
    expect(await settle(returned())).toEqual([]);
    expect(await world.apply(TOPICS.promises, [breach('A')])).toEqual([]);
    expect(await postage()).toEqual(['2200 cancelled', '1500 requested']);
  });

  it('takes nothing back and asks for nothing anew when finance pays what a judged promise was learned to owe', async () => {
    const claim = () => world.upstream('claim.filed', 'A', { subject: 'A', claimant: 'C-1' }, 'c1');
    const paid = () => world.settlement('paid', { lineId: lineIdFor('A', 'postage', 1), reference: 'P1' });
    const final = () => world.promise('finalized', { subject: 'A', sequence: 3, customer: 'C-1', state: 'final' });
    const standing = async () => (await world.lines('A')).filter(({ remedyId }) => remedyId === 'postage');
    world = await opened('claim: {}');
    await world.apply(TOPICS.promises, [breach('A')]);
    await settle(claim());
    const { output } = world;
    await world.database.close();

    // Put back to after the miss was judged, and before it was claimed.
    world = await opened('claim: {}');
    expect(await world.apply(TOPICS.promises, [breach('A')])).toEqual([]);
    await world.adopt(output);
    expect(short(await settle(paid()))).toEqual(['compensation.settled A']);
    expect(await settle(claim())).toEqual([]);
    expect(await world.apply(TOPICS.promises, [final()])).toEqual([]);
    expect(await standing()).toMatchObject([{ n: 1, state: 'paid', amountMinor: 2_200 }]);
  });

  it('takes back nothing that was claimed when money given back is read again before the claim', async () => {
    const amount = { amountMinor: 700, currency: 'CNY' };
    const returned = () =>
      world.upstream('money.returned', 'A', { subject: 'A', base: 'postage', amount, reference: 'R1' }, 'r1');
    const claim = () => world.upstream('claim.filed', 'A', { subject: 'A', claimant: 'C-1' }, 'c1');
    world = await opened('claim: {}');
    await world.apply(TOPICS.promises, [breach('A')]);
    await settle(returned());
    expect(short(await settle(claim()))).toContain('refund.requested A');
    const { output } = world;
    await world.database.close();

    // Put back to after the miss was judged. A claim and what was given back may lie in two shards, read in any order.
    world = await opened('claim: {}');
    expect(await world.apply(TOPICS.promises, [breach('A')])).toEqual([]);
    await world.adopt(output);
    expect(await settle(returned())).toEqual([]);
    expect(await settle(claim())).toEqual([]);
    const postage = (await world.lines('A')).filter(({ remedyId }) => remedyId === 'postage');
    expect(postage).toMatchObject([{ n: 1, state: 'requested', amountMinor: 1_500 }]);
  });

  it('answers a claim that is read before its promise is read again once it has been, and not as if nothing was missed', async () => {
    const claim = (n: number) => world.upstream('claim.filed', 'A', { subject: 'A', claimant: `C-${n}` }, `c${n}`);
    await restored('claim: {}', async () => {
      await world.apply(TOPICS.promises, [breach('A')]);
      await settle(claim(1));
    });
    expect(await settle(claim(1), claim(2))).toEqual([]);
    const final = world.promise('finalized', { subject: 'A', sequence: 3, customer: 'C-1', state: 'final' });
    expect(short(await world.apply(TOPICS.promises, [breach('A'), final]))).toEqual(['claim.answered A']);
  });
});
