import fc from 'fast-check';
import { promiseIdOf } from '#libs/kernel';
import { openOf, standingOf } from './line.js';
import { createWorld, type World } from './world.spec-support.js';

const PROMISE = promiseIdOf('ems-express', 'EMS-1', '');
const problemCode = (outcome: ReturnType<World['settle']>): string | null =>
  outcome.kind === 'refused' ? outcome.problem.code : null;

describe('settlements', () => {
  let world: World;
  beforeEach(() => {
    world = createWorld(PROMISE);
    world.owe(1_000);
  });
  const line = (n = 1) => world.entitlement.lines[n - 1] as World['entitlement']['lines'][number];

  it('marks the whole line paid when no amount is named', () => {
    world.settle(1, 'paid', 'R1');
    expect(line()).toMatchObject({ state: 'paid', paidMinor: 1_000 });
    expect(world.balances()).toEqual({ expense: 1_000, payable: 0, paid: -1_000 });
  });

  it('has no effect the second time, and refuses another amount', () => {
    world.settle(1, 'paid', 'R1', { amountMinor: 1_000 });
    expect(world.settle(1, 'paid', 'R1').kind).toBe('repeated');
    expect(problemCode(world.settle(1, 'paid', 'R1', { amountMinor: 999 }))).toBe('CONFLICTING_SETTLEMENT');
    expect(world.transfers).toHaveLength(2);
  });

  it('takes several payments in any order', () => {
    world.settle(1, 'paid', 'R2', { amountMinor: 600 });
    expect(line().state).toBe('requested');
    world.settle(1, 'paid', 'R1', { amountMinor: 400 });
    expect(line().state).toBe('paid');
  });

  it('books what was paid beyond the amount, and absorbs it', () => {
    world.settle(1, 'paid', 'R1', { amountMinor: 1_300 });
    expect(world.balances()).toEqual({ expense: 1_000, payable: 0, paid: -1_300, 'false-breach': 300 });
    expect(world.told().at(-1)).toBe('reversed postage#1 300 seq 3');
  });

  it('books what was paid for a cancelled line, and absorbs it', () => {
    world.owe(0);
    world.settle(1, 'paid', 'R1');
    expect(line()).toMatchObject({ state: 'cancelled', paidMinor: 1_000, absorbedMinor: 1_000 });
    expect(world.balances()).toEqual({ expense: 0, payable: 0, paid: -1_000, 'false-breach': 1_000 });
  });

  it('comes to the same books whether retraction or payment is first', () => {
    const other = createWorld(PROMISE);
    other.owe(1_000);
    other.owe(0);
    other.settle(1, 'paid', 'R1');
    world.settle(1, 'paid', 'R1');
    world.owe(0);
    expect(world.balances()).toEqual(other.balances());
  });

  it('closes the unpaid rest of a line paid in part, and absorbs the rest of it', () => {
    world.settle(1, 'paid', 'R1', { amountMinor: 400 });
    world.owe(0);
    expect(line()).toMatchObject({ state: 'cancelled', cancelledMinor: 600, reversedMinor: 400, absorbedMinor: 400 });
    expect(world.balances()).toEqual({ expense: 0, payable: 0, paid: -400, 'false-breach': 400 });
  });

  it('keeps a failed line payable and ours to cancel', () => {
    world.settle(1, 'accepted', 'R1');
    world.settle(1, 'failed', 'R1');
    expect(line().state).toBe('failed');
    expect(world.told().at(-1)).toBe('failed postage#1 1000 seq 2');
    world.owe(0);
    expect(world.told().at(-1)).toBe('refund.cancelled postage#1 1000 seq 3');
  });

  it('opens a line again when its payment comes back later', () => {
    world.settle(1, 'paid', 'R1', { paidAtMs: 5_000 });
    world.settle(1, 'failed', 'R1', { paidAtMs: 9_000 });
    expect(line()).toMatchObject({ state: 'failed', paidMinor: 0 });
    expect(world.balances()).toEqual({ expense: 1_000, payable: -1_000, paid: 0 });
  });

  it('ignores an older failure of a payment that was made', () => {
    world.settle(1, 'paid', 'R1', { paidAtMs: 9_000 });
    world.settle(1, 'failed', 'R1', { paidAtMs: 5_000 });
    expect(line().state).toBe('paid');
    expect(world.announcements).toHaveLength(2);
  });

  it('takes a return out of what was absorbed', () => {
    world.settle(1, 'paid', 'R1', { paidAtMs: 5_000 });
    world.owe(0);
    world.settle(1, 'failed', 'R1', { paidAtMs: 9_000 });
    expect(world.balances()).toEqual({ expense: 0, payable: 0, paid: 0, 'false-breach': 0 });
  });

  it('refuses another currency and lines that nobody was asked for', () => {
    expect(problemCode(world.settle(1, 'paid', 'R1', { amountMinor: 5, currency: 'EUR' }))).toBe('SETTLEMENT_CURRENCY');
    expect(problemCode(world.settle(1, 'paid', 'R1', { amountMinor: 0 }))).toBe('SETTLEMENT_AMOUNT');
    const shadow = createWorld(PROMISE, { mode: 'shadow' });
    shadow.owe(1_000);
    expect(problemCode(shadow.settle(1, 'paid', 'R1'))).toBe('SETTLEMENT_NOT_ASKED_FOR');
  });
});

describe('any history', () => {
  const step = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('owe' as const),
        amountMinor: fc.constantFrom(0, 0, 300, 700, 1_000, 2_500),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('settle' as const),
        n: fc.integer({ min: 1, max: 4 }),
        status: fc.constantFrom(
          'accepted' as const,
          'paid' as const,
          'paid' as const,
          'failed' as const,
          'stopped' as const,
        ),
        reference: fc.constantFrom('A', 'B', 'C'),
        amountMinor: fc.constantFrom(undefined, 100, 1_000, 3_000),
        paidAtMs: fc.integer({ min: 1, max: 9 }),
      }),
    },
  );

  it('leaves net what is owed, books every payment once and balances after every step', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const world = createWorld(PROMISE);
        let owed = 0;
        const oracle = new PaymentOracle();
        for (const what of steps) {
          if (what.do === 'owe') world.owe((owed = what.amountMinor));
          else if (what.n <= world.entitlement.lines.length) {
            const line = world.entitlement.lines.find(({ n }) => n === what.n) as { amountMinor: number };
            const { amountMinor, ...rest } = what;
            const outcome = world.settle(what.n, what.status, what.reference, {
              ...rest,
              ...(amountMinor === undefined ? {} : { amountMinor }),
            });
            oracle.hear(what, amountMinor ?? line.amountMinor);
            expect(outcome.kind === 'refused').toBe(oracle.lastWasConflict);
          }
          expectSound(world);
          expect(world.balances()['paid'] ?? 0).toBe(-oracle.total() + 0);
        }
        for (const { n, state } of world.entitlement.lines) {
          if (state === 'recall-requested') world.settle(n, 'stopped', 'final');
        }
        const standing = world.entitlement.lines.reduce((total, line) => total + standingOf(line), 0);
        expect(standing).toBe(owed);
        expect(world.balances()['expense'] ?? 0).toBe(owed);
      }),
      { numRuns: 500 },
    );
  });

  function expectSound(world: World): void {
    const balances = world.balances();
    const lines = world.entitlement.lines;
    const open = lines.reduce((total, line) => total + openOf(line), 0);
    expect(balances['payable'] ?? 0).toBe(-open + 0);
    expect(balances['false-breach'] ?? 0).toBe(lines.reduce((total, { absorbedMinor }) => total + absorbedMinor, 0));
    expect(Object.values(balances).reduce((a, b) => a + b, 0)).toBe(0);
    for (const line of lines) {
      expect(openOf(line)).toBeGreaterThanOrEqual(0);
      expect(
        Math.min(line.paidMinor, line.absorbedMinor, line.cancelledMinor, line.reversedMinor),
      ).toBeGreaterThanOrEqual(0);
      if (line.state === 'paid' || line.state === 'cancelled') expect(openOf(line)).toBe(0);
    }
    const ids = world.transfers.map(({ transferId }) => transferId);
    expect(new Set(ids).size).toBe(ids.length);
    const told = world.announcements.map(({ line }) => `${line.lineId} ${line.lineSequence}`);
    expect(new Set(told).size).toBe(told.length);
  }
});

/** What was paid, counted the naive way: per line and reference, the last word by finance's own time. */
class PaymentOracle {
  private readonly words = new Map<string, { amountMinor: number; paidAtMs: number }>();
  lastWasConflict = false;

  hear(what: { n: number; status: string; reference: string; paidAtMs: number }, amountMinor: number): void {
    const key = `${what.n} ${what.reference} ${what.status}`;
    const before = this.words.get(key);
    this.lastWasConflict = before !== undefined && what.status === 'paid' && before.amountMinor !== amountMinor;
    if (!before) this.words.set(key, { amountMinor, paidAtMs: what.paidAtMs });
  }

  total(): number {
    let total = 0;
    for (const [key, paid] of this.words) {
      const [n, reference, status] = key.split(' ');
      if (status !== 'paid') continue;
      const back = ['failed', 'stopped'].some(
        (other) => (this.words.get(`${n} ${reference} ${other}`)?.paidAtMs ?? 0) > paid.paidAtMs,
      );
      if (!back) total += paid.amountMinor;
    }
    return total;
  }
}
