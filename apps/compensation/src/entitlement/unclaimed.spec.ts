import { lineIdOf, promiseIdOf } from '#libs/kernel';
import { claimReferenceOf } from './claim-reference.js';
import { createWorld, type World } from './world.spec-support.js';

const PROMISE = promiseIdOf('ems-express', 'EMS-1', '');

describe('money that has no way to whom it belongs', () => {
  let world: World;
  beforeEach(() => {
    world = createWorld(PROMISE);
    world.owe(1_000);
  });
  const setAside = (reference = 'R1') => world.settle(1, 'failed', reference, { reason: 'no-payee' });
  const claim = (payee = 'C-9') => world.decide(1, 'claim', 'fin', { payee });
  const said = () => world.told().slice(1);
  const lineId = () => lineIdOf(world.entitlement.breachId, 'postage', 1);

  it('says by which reference it may be claimed, when it is reminded of, and until when', () => {
    world.unclaimed = { remindAfterMs: 5_000, claimWithinMs: 60_000 };
    setAside();
    expect(world.announcements.at(-1)).toMatchObject({
      notice: 'unclaimed',
      data: {
        reference: 'R1',
        reason: 'no-payee',
        claimReference: claimReferenceOf(lineId()),
        remindAt: '1970-01-01T00:00:08.000Z',
        claimUntil: '1970-01-01T00:01:03.000Z',
      },
    });
  });

  it('is reminded of at that moment, once for ever', () => {
    setAside();
    world.wait(4_999);
    expect(said()).toEqual(['unclaimed postage#1 1000 seq 2']);
    world.wait(1);
    expect(said().slice(1)).toEqual(['notice.requested postage/reminder#1 1 seq 1']);
    claim();
    setAside('R2');
    world.wait(1_000_000);
    const all = ['unclaimed', 'notice.requested', 'refund.requested', 'notice.cancelled', 'unclaimed'];
    expect(said().map((text) => text.split(' ')[0])).toEqual(all);
  });

  it('goes to whom it is claimed for, as the same line, with nothing booked anew', () => {
    setAside();
    expect(claim().kind).toBe('applied');
    expect(world.announcements.at(-1)).toMatchObject({ action: 'requested', reason: 'claimed' });
    expect(world.entitlement.lines).toMatchObject([{ state: 'requested', claim: { payee: 'C-9' }, wakeAtMs: null }]);
    expect(world.balances()).toEqual({ expense: 1_000, payable: -1_000 });
    world.settle(1, 'paid', 'P1');
    expect(world.balances()).toEqual({ expense: 1_000, payable: 0, paid: -1_000 });
  });

  it('tells whoever claims it a second time, before it is paid and after', () => {
    setAside();
    claim();
    const before = world.told().length;
    const twice = () => claim('C-8');
    expect(twice()).toMatchObject({ kind: 'refused', problem: { code: 'CLAIMED_BEFORE' } });
    world.settle(1, 'paid', 'P1');
    expect(twice()).toMatchObject({ kind: 'refused', problem: { code: 'CLAIMED_BEFORE' } });
    expect(world.told().slice(before)).toEqual(['settled postage#1 1000 seq 4']);
    expect(world.balances()['paid']).toBe(-1_000);
  });

  it('cannot be claimed when it is not unclaimed', () => {
    expect(claim()).toMatchObject({ kind: 'refused', problem: { code: 'LINE_NOT_UNCLAIMED' } });
    setAside();
    world.owe(0);
    expect(claim()).toMatchObject({ kind: 'refused', problem: { code: 'LINE_NOT_UNCLAIMED' } });
  });

  it.each([
    [-1, 'applied', undefined],
    [0, 'applied', undefined],
    [1, 'refused', 'CLAIM_EXPIRED'],
  ])('claimed %i ms after the end of its time is %s', (ms, kind, code) => {
    world.unclaimed = { remindAfterMs: 5_000, claimWithinMs: 60_000 };
    setAside();
    const untilMs = world.entitlement.lines[0]?.claim?.untilMs as number;
    const outcome = world.decide(1, 'claim', 'fin', { payee: 'C-9', atMs: untilMs + ms });
    expect([outcome.kind, outcome.kind === 'refused' ? outcome.problem.code : undefined]).toEqual([kind, code]);
  });

  it('is never released: its end is told, and it stays payable by finance', () => {
    world.unclaimed = { remindAfterMs: 5_000, claimWithinMs: 60_000 };
    setAside();
    world.wait(1_000_000);
    expect(said().slice(2)).toEqual(['unclaimed postage#1 1000 seq 3']);
    expect(world.announcements.at(-1)).toMatchObject({ data: { reason: 'claim-expired' } });
    expect(world.states()).toEqual(['unclaimed', 'requested']);
    world.settle(1, 'paid', 'P1');
    expect(world.states()).toEqual(['paid', 'cancelled']);
    expect(world.balances()).toEqual({ expense: 1_000, payable: 0, paid: -1_000 });
  });

  it('keeps its first end however often it is set aside', () => {
    world.unclaimed = { remindAfterMs: 5_000, claimWithinMs: 60_000 };
    setAside();
    const first = world.entitlement.lines[0]?.claim?.untilMs;
    claim();
    world.wait(10_000);
    setAside('R2');
    expect(world.entitlement.lines[0]?.claim).toEqual({ untilMs: first, payee: null });
  });

  it.each(['paid', 'accepted'] as const)('is not reminded of once it is %s, nor once it is owed no more', (status) => {
    setAside();
    world.settle(1, status, 'R2');
    world.wait(1_000_000);
    world.oweAll([]);
    expect(world.entitlement.lines).toHaveLength(1);
  });

  it('leaves a reminder that was sent, and withdraws one that was not', () => {
    setAside();
    world.wait(5_000);
    const sentOrNot = createWorld(PROMISE);
    sentOrNot.entitlement = world.entitlement;
    world.settle(1, 'paid', 'mail-1', { remedyId: 'postage/reminder' });
    for (const each of [world, sentOrNot]) each.oweAll([]);
    expect([world.states(), sentOrNot.states()]).toEqual([
      ['cancelled', 'sent'],
      ['cancelled', 'cancelled'],
    ]);
  });

  it('reminds nobody where nobody is known', () => {
    const anonymous = { customer: 'anonymous:EMS-1', parties: { customer: 'anonymous:EMS-1' } };
    world = createWorld(PROMISE, anonymous);
    world.owe(1_000);
    setAside();
    world.wait(1_000_000);
    expect(said()).toEqual(['unclaimed postage#1 1000 seq 2']);
    expect(claim().kind).toBe('applied');
  });
});
