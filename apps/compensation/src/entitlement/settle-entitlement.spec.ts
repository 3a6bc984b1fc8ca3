import { breachIdOf, lineIdOf, promiseIdOf } from '#libs/kernel';
import { createWorld, type World } from './world.spec-support.js';

const PROMISE = promiseIdOf('ems-express', 'EMS-1', '');
const line = (n: number): string => lineIdOf(breachIdOf(PROMISE), 'postage', n);

describe('net entitlement in numbered lines', () => {
  let world: World;
  beforeEach(() => (world = createWorld(PROMISE)));

  it('issues what is owed as line 1, told and booked once', () => {
    world.owe(1_000);
    expect(world.told()).toEqual(['refund.requested postage#1 1000 seq 1']);
    expect(world.balances()).toEqual({ expense: 1_000, payable: -1_000 });
    expect(world.entitlement.lines[0]?.lineId).toBe(line(1));
  });

  it('gives nothing the second time', () => {
    world.owe(1_000);
    world.owe(1_000);
    expect(world.told()).toHaveLength(1);
    expect(world.transfers).toHaveLength(1);
  });

  it('tops up by a new line, never by changing one', () => {
    world.owe(1_000);
    world.owe(1_600);
    expect(world.told().at(-1)).toBe('refund.requested postage#2 600 seq 1');
    expect(world.amounts()).toEqual([1_000, 600]);
  });

  it('cancels unpaid lines newest first and issues the remainder when less is owed', () => {
    world.owe(1_000);
    world.owe(1_600);
    world.owe(700);
    expect(world.told().slice(2)).toEqual([
      'refund.cancelled postage#2 600 seq 2',
      'refund.cancelled postage#1 1000 seq 2',
      'refund.requested postage#3 700 seq 1',
    ]);
    expect(world.balances()).toEqual({ expense: 700, payable: -700 });
  });

  it('cancels only as many lines as it takes', () => {
    world.owe(1_000);
    world.owe(1_600);
    world.owe(1_000);
    expect(world.told().slice(2)).toEqual(['refund.cancelled postage#2 600 seq 2']);
  });

  it('takes a breach back that was not paid', () => {
    world.owe(1_000);
    world.owe(0);
    expect(world.told().at(-1)).toBe('refund.cancelled postage#1 1000 seq 2');
    expect(world.balances()).toEqual({ expense: 0, payable: 0 });
  });

  it('reinstates under the same breach with a new number', () => {
    world.owe(1_000);
    world.owe(0);
    world.owe(1_000);
    expect(world.told().at(-1)).toBe('refund.requested postage#2 1000 seq 1');
    expect(world.entitlement.lines.map(({ lineId }) => lineId)).toEqual([line(1), line(2)]);
  });

  it('absorbs what was paid and is not owed any more', () => {
    world.owe(1_000);
    world.settle(1, 'paid', 'R1');
    world.owe(0);
    expect(world.told().slice(1)).toEqual(['settled postage#1 1000 seq 2', 'reversed postage#1 1000 seq 3']);
    expect(world.balances()).toEqual({ expense: 0, payable: 0, paid: -1_000, 'false-breach': 1_000 });
  });

  it('recalls a line that was handed over instead of cancelling it', () => {
    world.owe(1_000);
    world.settle(1, 'accepted', 'R1');
    world.owe(0);
    expect(world.told().at(-1)).toBe('refund.recall-requested postage#1 1000 seq 2');
    expect(world.balances()).toEqual({ expense: 1_000, payable: -1_000 });
  });

  it('issues nothing new while a recalled line may still be paid', () => {
    world.owe(1_000);
    world.settle(1, 'accepted', 'R1');
    world.owe(400);
    world.owe(900);
    expect(world.amounts()).toEqual([1_000]);
    world.settle(1, 'stopped', 'R1');
    expect(world.told().slice(-2)).toEqual([
      'refund.cancelled postage#1 1000 seq 3',
      'refund.requested postage#2 900 seq 1',
    ]);
  });

  it('absorbs the surplus when finance pays a recalled line', () => {
    world.owe(1_000);
    world.settle(1, 'accepted', 'R1');
    world.owe(400);
    world.settle(1, 'paid', 'R1');
    expect(world.balances()).toEqual({ expense: 400, payable: 0, paid: -1_000, 'false-breach': 600 });
  });

  it('computes shadow lines and asks nobody', () => {
    world = createWorld(PROMISE, { mode: 'shadow' });
    world.owe(1_000);
    world.owe(500);
    expect(world.announcements).toEqual([]);
    expect(world.transfers).toEqual([]);
    expect(world.entitlement.lines.map(({ state, amountMinor }) => [state, amountMinor])).toEqual([
      ['cancelled', 1_000],
      ['shadow', 500],
    ]);
  });

  it('numbers each remedy by itself', () => {
    world.oweAll([world.remedy('postage', 1_000), world.remedy('points', 500, 'points', 'XPT')]);
    expect(world.told()).toEqual(['refund.requested postage#1 1000 seq 1', 'points.requested points#1 500 seq 1']);
    expect(world.balances('XPT')).toEqual({ expense: 500, payable: -500 });
  });

  it('issues no line of zero', () => {
    world.oweAll([world.remedy('points', 0, 'points', 'XPT')]);
    expect(world.entitlement.lines).toEqual([]);
  });

  it('leaves words that were sent, and does not repeat them on reinstatement', () => {
    const sorry = world.remedy('sorry', 0, 'apology', null);
    world.oweAll([sorry]);
    world.settle(1, 'paid', 'MSG-1', { remedyId: 'sorry' });
    world.owe(0);
    world.oweAll([sorry]);
    expect(world.told()).toEqual(['apology.requested sorry#1 1 seq 1', 'settled sorry#1 1 seq 2']);
  });

  it('issues no words where there are none to say, and the money all the same', () => {
    world.wordsOf = () => null;
    world.oweAll([world.remedy('postage', 1_000), world.remedy('sorry', 0, 'apology', null)]);
    expect(world.told()).toEqual(['refund.requested postage#1 1000 seq 1']);
  });
});
