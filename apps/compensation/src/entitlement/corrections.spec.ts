import fc from 'fast-check';
import { promiseIdOf } from '#libs/kernel';
import { createWorld, type World } from './world.spec-support.js';

const PROMISE = promiseIdOf('ems-express', 'EMS-1', '');
const CORRECTION = 'sorry/correction';

describe('an apology that was sent for a miss that is none', () => {
  let world: World;
  const owe = (isOwed: boolean): void => world.oweAll(isOwed ? [world.remedy('sorry', 0, 'apology', null)] : []);
  const send = (remedyId: string, n = 1) => world.settle(n, 'paid', `message-${remedyId}-${n}`, { remedyId });
  beforeEach(() => {
    world = createWorld(PROMISE);
    world.afterSent = 'correct';
  });

  it('is corrected once, however often the verdict is told again', () => {
    owe(true);
    send('sorry');
    owe(false);
    owe(false);
    send(CORRECTION);
    owe(false);
    expect(world.told()).toEqual([
      'apology.requested sorry#1 1 seq 1',
      'settled sorry#1 1 seq 2',
      'notice.requested sorry/correction#1 1 seq 1',
      'settled sorry/correction#1 1 seq 2',
    ]);
  });

  it('is left as it is where the guarantee says nothing', () => {
    world.afterSent = 'leave';
    owe(true);
    send('sorry');
    owe(false);
    expect(world.told()).toHaveLength(2);
  });

  it('needs no correction when it was cancelled before it was sent', () => {
    owe(true);
    owe(false);
    expect(world.told()).toEqual(['apology.requested sorry#1 1 seq 1', 'apology.cancelled sorry#1 1 seq 2']);
  });

  it('is corrected when the sender had sent it before it heard of the cancellation', () => {
    owe(true);
    owe(false);
    send('sorry');
    expect(world.told().slice(2)).toEqual(['settled sorry#1 1 seq 3', 'notice.requested sorry/correction#1 1 seq 1']);
    expect(world.states()).toEqual(['cancelled', 'requested']);
  });

  it('is corrected when it was recalled and the sender answers that it has gone', () => {
    owe(true);
    world.settle(1, 'accepted', 'message', { remedyId: 'sorry' });
    owe(false);
    expect(world.told().at(-1)).toBe('apology.recall-requested sorry#1 1 seq 2');
    send('sorry');
    expect(world.told().at(-1)).toBe('notice.requested sorry/correction#1 1 seq 1');
  });

  it('stands when the miss stands again before the correction was sent', () => {
    owe(true);
    send('sorry');
    owe(false);
    owe(true);
    expect(world.told().slice(3)).toEqual(['notice.cancelled sorry/correction#1 1 seq 2']);
    owe(false);
    expect(world.told().at(-1)).toBe('notice.requested sorry/correction#2 1 seq 1');
  });

  it('is said anew when the miss stands again after the correction was sent', () => {
    owe(true);
    send('sorry');
    owe(false);
    send(CORRECTION);
    owe(true);
    owe(true);
    expect(world.told().slice(4)).toEqual(['apology.requested sorry#2 1 seq 1']);
    send('sorry', 2);
    owe(false);
    expect(world.told().at(-1)).toBe('notice.requested sorry/correction#2 1 seq 1');
  });

  it('has each apology corrected once, and leaves the customer with what is true, whatever the order', () => {
    const step = fc.oneof(
      fc.constantFrom({ owed: true } as const, { owed: false } as const),
      fc.record({ remedyId: fc.constantFrom('sorry', CORRECTION), n: fc.integer({ min: 1, max: 3 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 24 }), fc.boolean(), (steps, isOwedAtLast) => {
        world = createWorld(PROMISE);
        world.afterSent = 'correct';
        const sendIfThere = (remedyId: string, n: number): void => {
          if (world.entitlement.lines.some((line) => line.remedyId === remedyId && line.n === n)) send(remedyId, n);
        };
        for (const what of steps) {
          if ('owed' in what) owe(what.owed);
          else sendIfThere(what.remedyId, what.n);
        }
        owe(isOwedAtLast);
        const unsent = (): typeof world.entitlement.lines =>
          world.entitlement.lines.filter(({ state }) => state === 'requested');
        for (const { remedyId, n } of unsent()) send(remedyId, n);
        const said = (remedyId: string): number =>
          world.entitlement.lines.filter((line) => line.remedyId === remedyId && line.paidMinor > 0).length;
        expect(said('sorry') - said(CORRECTION)).toBe(isOwedAtLast ? 1 : 0);
        expect(unsent()).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
