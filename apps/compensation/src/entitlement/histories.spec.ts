import fc from 'fast-check';
import { breachIdOf, lineIdOf, promiseIdOf } from '#libs/kernel';
import type { AfterPayment } from '#libs/guarantees';
import type { Gate } from './hold.js';
import { isBooked, keptMinor, openOf, standingOf, type Line } from './line.js';
import { createWorld, type World } from './world.spec-support.js';

const PROMISE = promiseIdOf('ems-express', 'EMS-1', '');
const HELD_ABOVE_MINOR = 1_000;
/** Holds what is above the amount, as an approval does. */
const APPROVAL: Gate = {
  holdOf: ({ remedyMinor }) =>
    remedyMinor > HELD_ABOVE_MINOR ? { reasons: ['approval'], approvalsNeeded: 2, approvals: [], region: null } : null,
  routeOf: () => 'topic',
};

type Step =
  | { readonly kind: 'owe'; readonly minor: number }
  | {
      readonly kind: 'settle';
      readonly n: number;
      readonly status: 'accepted' | 'paid' | 'failed' | 'stopped';
      readonly reference: string;
      readonly minor: number | null;
    }
  | { readonly kind: 'decide'; readonly n: number; readonly verb: 'approve' | 'reject'; readonly by: string };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('owe' as const), minor: fc.constantFrom(0, 300, 700, 1_000, 1_600, 2_500) }),
  fc.record({
    kind: fc.constant('settle' as const),
    n: fc.integer({ min: 1, max: 5 }),
    status: fc.constantFrom(
      'accepted' as const,
      'paid' as const,
      'paid' as const,
      'failed' as const,
      'stopped' as const,
    ),
    reference: fc.constantFrom('R1', 'R2', 'R3'),
    minor: fc.constantFrom(null, null, 100, 300, 5_000),
  }),
  fc.record({
    kind: fc.constant('decide' as const),
    n: fc.integer({ min: 1, max: 5 }),
    verb: fc.constantFrom('approve' as const, 'approve' as const, 'reject' as const),
    by: fc.constantFrom('ana', 'bea', 'author'),
  }),
);

/** Written apart from the product: what finance's words amount to, by line and reference, the first of each counting. */
class Oracle {
  owedMinor = 0;
  private readonly words = new Map<string, { paid?: { minor: number; at: number }; ended?: number }>();
  private at = 0;

  hear({ n, status, reference, minor }: Extract<Step, { kind: 'settle' }>, line: Line): void {
    this.at++;
    if (status === 'accepted') return;
    const key = `${n} ${reference}`;
    const word = this.words.get(key) ?? {};
    this.words.set(key, word);
    if (status === 'paid') word.paid ??= { minor: minor ?? line.amountMinor, at: this.at };
    else word.ended = this.endOf(key, status);
  }

  private readonly ends = new Map<string, Map<string, number>>();
  /** A status is heard once a reference; of two kinds of end the later counts. */
  private endOf(key: string, status: string): number {
    const ends = this.ends.get(key) ?? new Map<string, number>();
    if (!ends.has(status)) ends.set(status, this.at);
    this.ends.set(key, ends);
    return Math.max(...ends.values());
  }

  paidMinor(): number {
    let sum = 0;
    for (const { paid, ended = 0 } of this.words.values()) if (paid && ended < paid.at) sum += paid.minor;
    return sum;
  }
}

function run(world: World, steps: readonly Step[]): Oracle {
  const oracle = new Oracle();
  for (const one of steps) {
    if (one.kind === 'owe') {
      oracle.owedMinor = one.minor;
      world.owe(one.minor);
    } else {
      const line = world.entitlement.lines.find(({ n }) => n === one.n);
      if (!line) continue;
      if (one.kind === 'decide') world.decide(one.n, one.verb, one.by);
      else {
        const amount = one.minor === null ? {} : { amountMinor: one.minor };
        const outcome = world.settle(one.n, one.status, one.reference, amount);
        if (outcome.kind !== 'refused') oracle.hear(one, line);
        expect(world.settle(one.n, one.status, one.reference, amount).kind).not.toBe('applied'); // the same again
      }
    }
    checkBooks(world);
  }
  return oracle;
}

/** Holds after every step, whatever came before. */
function checkBooks(world: World): void {
  const { lines } = world.entitlement;
  const balances = world.balances();
  expect(Object.values(balances).reduce((sum, minor) => sum + minor, 0)).toBe(0);
  for (const line of lines) {
    expect(openOf(line)).toBeGreaterThanOrEqual(0);
    expect(standingOf(line)).toBe(keptMinor(line) + openOf(line));
  }
  const open = lines.filter(isBooked).reduce((sum, line) => sum + openOf(line), 0);
  expect((balances['payable'] ?? 0) + open).toBe(0);
  const held = new Set(
    lines.filter(({ state }) => state === 'held' || state === 'rejected').map(({ lineId }) => lineId),
  );
  const asked = world.announcements.filter((told) => 'action' in told && told.action === 'requested');
  expect(asked.filter(({ line }) => held.has(line.lineId))).toEqual([]);
}

/** Finance answers whatever it is still asked to stop. */
function answerRecalls(world: World): void {
  for (const { n, state, lineId } of world.entitlement.lines) {
    if (state !== 'recall-requested') continue;
    expect(lineId).toBe(lineIdOf(breachIdOf(PROMISE), 'postage', n));
    world.settle(n, 'stopped', `answer-${n}`);
  }
}

const sum = (lines: readonly Line[], of: (line: Line) => number): number =>
  lines.reduce((total, line) => total + of(line), 0);

describe.each<[string, AfterPayment]>([
  ['absorb', { kind: 'absorb' }],
  ['claw-back', { kind: 'claw-back', cap: { amountMinor: 400, currency: 'BRL' } }],
])('any history of verdicts, settlements and decisions (%s)', (_, afterPayment) => {
  it('ends in the books that the oracle computes', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const world = createWorld(PROMISE);
        world.gate = APPROVAL;
        world.afterPayment = afterPayment;
        const oracle = run(world, steps);
        answerRecalls(world);
        checkBooks(world);
        const { lines } = world.entitlement;
        expect(sum(lines, standingOf)).toBe(oracle.owedMinor); // entitlement = issued − reversed
        expect(0 - (world.balances()['paid'] ?? 0)).toBe(oracle.paidMinor());
        const takenOver = (world.balances()['false-breach'] ?? 0) + (world.balances()['receivable'] ?? 0);
        expect(takenOver).toBe(oracle.paidMinor() - sum(lines, keptMinor));
        if (afterPayment.kind === 'claw-back') expect(world.balances()['receivable'] ?? 0).toBeLessThanOrEqual(400);
      }),
      { numRuns: 500 },
    );
  });
});
