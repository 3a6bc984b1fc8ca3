import fc from 'fast-check';
import { compensationIdOf, breachIdOf, promiseIdOf } from '#libs/kernel';
import type { Entitlement } from '../entitlement/entitlement.js';
import { announcementEvent } from '../entitlement/line-events.js';
import { OPEN_GATE, type Gate } from '../entitlement/hold.js';
import { createWorld, type World } from '../entitlement/world.spec-support.js';
import { adoptEvent } from './adopt-event.js';

const PROMISE = promiseIdOf('ems-express', 'EMS-1', '');

/** Everything the world has told so far, as a database that knows nothing would learn it. */
function adopted(world: World): { entitlement: Entitlement | null; transferIds: string[] } {
  let entitlement: Entitlement | null = null;
  const transferIds: string[] = [];
  const owner = {
    promiseId: PROMISE,
    breachId: breachIdOf(PROMISE),
    compensationId: compensationIdOf(PROMISE),
    sequence: 1,
    promise: world.entitlement.promise,
    counted: null,
  };
  for (const announcement of world.announcements) {
    const result = adoptEvent(JSON.parse(JSON.stringify(announcementEvent(owner, announcement))), entitlement);
    if (!result) continue;
    entitlement = { ...result.entitlement, lines: result.decision.lines };
    transferIds.push(...result.decision.transfers.map(({ transferId, amountMinor }) => `${transferId} ${amountMinor}`));
  }
  return { entitlement, transferIds };
}

describe('a database that learns from what was said', () => {
  const step = fc.oneof(
    fc.record({ owe: fc.constantFrom(0, 300, 700, 1_000, 2_500) }),
    fc.record({
      n: fc.integer({ min: 1, max: 3 }),
      status: fc.constantFrom(
        'accepted' as const,
        'paid' as const,
        'paid' as const,
        'failed' as const,
        'stopped' as const,
      ),
      reference: fc.constantFrom('A', 'B'),
      amountMinor: fc.constantFrom(100, 1_000, 3_000),
      paidAtMs: fc.integer({ min: 1, max: 9 }),
      reason: fc.constantFrom('no-payee', 'bank-holiday'),
    }),
    fc.record({ waitMs: fc.constantFrom(1_000, 4_000, 9_000) }),
    fc.record({
      n: fc.integer({ min: 1, max: 3 }),
      verb: fc.constantFrom('approve' as const, 'reject' as const, 'claim' as const),
      by: fc.constantFrom('ada', 'ben'),
      payee: fc.constantFrom('C-8', 'C-9'),
    }),
  );
  /** Above 6.00 one person decides, above 15.00 two. */
  const holdOf: Gate['holdOf'] = ({ amountMinor }) => {
    const approvalsNeeded = amountMinor > 1_500 ? 2 : 1;
    return amountMinor > 600 ? { reasons: ['approval'], approvalsNeeded, approvals: [], region: null } : null;
  };

  it('comes to the same lines, holds and the very same bookings, whatever the history', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), fc.boolean(), fc.boolean(), (steps, isHolding, isLimited) => {
        const world = createWorld(PROMISE);
        if (isLimited) world.unclaimed = { remindAfterMs: 3_000, claimWithinMs: 12_000 };
        if (isHolding) world.gate = { ...OPEN_GATE, holdOf };
        for (const what of steps) {
          if ('owe' in what) world.owe(what.owe);
          else if ('waitMs' in what) world.wait(what.waitMs);
          else if (what.n > world.entitlement.lines.filter(({ remedyId }) => remedyId === 'postage').length) continue;
          else if ('verb' in what) world.decide(what.n, what.verb, what.by, { payee: what.payee });
          else world.settle(what.n, what.status, what.reference, what);
        }
        const { entitlement, transferIds } = adopted(world);
        expect(transferIds.sort()).toEqual(
          world.transfers.map(({ transferId, amountMinor }) => `${transferId} ${amountMinor}`).sort(),
        );
        // That a line was handed over is told to nobody: reading the settlement again teaches it.
        const isTold = !steps.some((what) => 'status' in what && what.status === 'accepted');
        // That a rejected line is no longer owed either is told to nobody: reading the promise again teaches it.
        const money = (lines: Entitlement['lines'] = []) =>
          lines.map(({ lineId, n, state, hold, lineSequence, ...line }) => {
            const { amountMinor, cancelledMinor, reversedMinor, paidMinor, absorbedMinor } = line;
            const isOff = hold !== null && paidMinor === 0 && (state === 'rejected' || state === 'cancelled');
            const rest = isOff ? {} : { cancelledMinor, reversedMinor, paidMinor, absorbedMinor };
            const { claim, wakeAtMs } = line;
            const aside = { claim, wakeAtMs: state === 'unclaimed' && isTold ? wakeAtMs : null };
            return { lineId, n, lineSequence, amountMinor, ...rest, ...aside, hold: state === 'held' ? hold : null };
          });
        expect(money(entitlement?.lines)).toEqual(money(world.entitlement.lines));
      }),
      { numRuns: 1_000 },
    );
  });
});
