import * as fc from 'fast-check';
import {
  bought,
  CLOSE,
  event,
  histories,
  holds,
  late,
  missed,
  promise,
  recovered,
  RUN,
  said,
  scoreOf,
  settled,
  share,
  type Action,
} from '../test/random-histories.js';
import { componentsOf } from './components.js';
import { remainingDebt } from './debts.js';
import { emptyState, evolveTo } from './evolve.js';
import { applyEvent, fold, foldOnto, trace } from './fold.js';
import { compareEvents, inOrder, mergedHistory, type EventOf, type ModelEvent } from './model-event.js';
import { DEFAULT_RULESET as rules } from './parameters.js';
import { adequacy, recoveryQuality } from './recovery.js';
import { tierOf, type Tier } from './tiers.js';

describe('properties of the score on random histories', () => {
  it('1: stays within 0 and 100', () =>
    holds(({ events, end }) => {
      const value = scoreOf(events, end);
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThanOrEqual(100);
    }));

  it('2 and 3: copies and the order of arrival change nothing', () =>
    fc.assert(
      fc.property(
        histories().chain((h) =>
          fc.record({
            h: fc.constant(h),
            mixed: fc.shuffledSubarray([...h.events, ...h.events], { minLength: 2 * h.events.length }),
          }),
        ),
        ({ h, mixed }) => expect(fold(mixed, h.end)).toEqual(fold(h.events, h.end)),
      ),
      RUN,
    ));

  // The first thing heard of a customer is when they are known from, be it a tick.
  it('4: ticks and reads change nothing, wherever they fall in a history', () =>
    holds(({ events, end }) => {
      const ticks = [0, 3, end / 3, end / 2, end].map((at, i): ModelEvent => ({
        id: `tick${i}`,
        type: 'time.tick',
        at,
      }));
      expect(Math.abs(scoreOf([...events, ...ticks], end) - scoreOf(events, end))).toBeLessThan(CLOSE);
      const middle = evolveTo(fold(events, end), end + 50);
      const direct = componentsOf(fold(events, end + 90)).score;
      expect(Math.abs(componentsOf(evolveTo(middle, end + 90)).score - direct)).toBeLessThan(CLOSE);
    }));

  it('5: the explanation of every step sums to the change, by time and by event', () =>
    holds(({ events, end }) => {
      let score = componentsOf(emptyState()).score;
      trace(events, end).steps.forEach((step, i) => {
        const [byTime, byEvent] = [step.byTime, step.byEvent].map((parts) =>
          Object.values(parts).reduce((a, b) => a + b, 0),
        );
        if (i > 0) expect(Math.abs(step.before - score - (byTime ?? 0))).toBeLessThan(CLOSE);
        expect(Math.abs(step.delta - (byEvent ?? 0))).toBeLessThan(CLOSE);
        score = step.after;
      });
    }));

  it('6: later is never better, and broken is always worse than no promise', () =>
    fc.assert(
      fc.property(histories(), fc.double({ min: 0.11, max: 3, noNaN: true }), share, ({ events, end }, by, more) => {
        const at = end + 4;
        const sooner = scoreOf([...events, late('x', end, by)], at);
        const later = scoreOf([...events, late('x', end, by + more * (3.5 - by))], at);
        expect(later).toBeLessThanOrEqual(sooner + CLOSE);
        const never = scoreOf(events, at);
        expect(sooner).toBeLessThanOrEqual(never);
        // A customer used to delay does not feel one so small that its expected share lies in the zone of tolerance.
        if (by > rules.feeling.toleranceZone / rules.debt.expectedBreachShare + 1e-6)
          expect(sooner).toBeLessThan(never);
      }),
      RUN,
    ));

  it('7: one tolerance late costs at least what one tolerance early gains', () =>
    holds(({ events, end }) => {
      const base = scoreOf(events, end);
      const gain = scoreOf([...events, late('x', end, -1)], end) - base;
      const loss = base - scoreOf([...events, late('x', end - 1, 1)], end);
      expect(loss).toBeGreaterThanOrEqual(gain - CLOSE);
    }));

  it('8: more compensation up to 150 % is never worse; a missed recovery is worse than none yet', () =>
    fc.assert(
      fc.property(histories(), share, share, ({ events, end }, first, second) => {
        const broken = [...events, late('x', end, 2)];
        const [less, more] = [Math.min(first, second), Math.max(first, second)].map((part): number => {
          const draft = { type: 'recovery.done', promiseId: 'x', compensation: 30 * part, loss: 20 } as const;
          return scoreOf([...broken, event('made-good', { draft, at: end + 2.5 })], end + 3);
        });
        expect(more).toBeGreaterThanOrEqual((less ?? NaN) - CLOSE);
        const silence: ModelEvent = { id: 'missed', type: 'recovery.missed', promiseId: 'x', at: end + 2.5 };
        expect(scoreOf([...broken, silence], end + 3)).toBeLessThan(scoreOf(broken, end + 3));
      }),
      RUN,
    ));

  it('9: a truthful warning never hurts', () =>
    fc.assert(
      fc.property(histories(), share, ({ events, end }, ahead) => {
        const warning: ModelEvent = {
          id: 'warned',
          type: 'delay.notified',
          promiseId: 'x',
          at: end - 2 * ahead,
          newEta: end + 2,
        };
        const broken = [...events, late('x', end, 2)];
        expect(scoreOf([...broken, warning], end + 3)).toBeGreaterThanOrEqual(scoreOf(broken, end + 3) - CLOSE);
      }),
      RUN,
    ));

  it('10: half of every debt is left after 120 days', () =>
    holds(({ events, end }) => {
      for (const debt of fold(events, end).debts) {
        expect(remainingDebt(debt, end + 120, rules)).toBeCloseTo(remainingDebt(debt, end, rules) / 2, 12);
      }
    }));

  it('11: a timer and then the outcome is the outcome alone', () => {
    const unhoped = fc.oneof(settled, recovered, missed, bought, said);
    holds(
      ({ events, end }) => {
        const outcome = late('x', end, 2) as EventOf<'promise.settled'>;
        const { promiseId, kind, madeAt, dueAt } = outcome;
        const timer = { id: 'timer', type: 'promise.breached', at: end, promiseId, kind, madeAt, dueAt } as ModelEvent;
        const both = scoreOf([...events, timer, outcome], end + 3);
        expect(Math.abs(both - scoreOf([...events, outcome], end + 3))).toBeLessThan(CLOSE);
      },
      histories('e', unhoped),
    );
  });

  it('12: promises kept, and nothing else, do not make a customer loyal', () => {
    const punctual = fc.double({ min: -0.1, max: 0.09, noNaN: true }).map(
      (by): Action =>
        (place, at) =>
          promise(`p${place}`, at, by),
    );
    holds(
      ({ events, end }) => {
        const order: ModelEvent = { id: 'order', type: 'purchase.made', at: 0, orderId: 'o', amount: 40 };
        expect(scoreOf([...events, order], end)).toBeLessThan(65);
      },
      histories('e', punctual),
    );
  });

  it('13: a refunded order is as if it had never been, once and for all', () =>
    holds(({ events, end }) => {
      const order: ModelEvent = {
        id: 'order',
        type: 'purchase.made',
        at: 5,
        orderId: 'back',
        amount: 90,
        category: 'toys',
      };
      const refunds = ['r1', 'r2'].map((id): ModelEvent => ({
        id,
        type: 'purchase.refunded',
        orderId: 'back',
        at: end - 1,
      }));
      expect(scoreOf([...events, order, ...refunds], end)).toBeCloseTo(scoreOf(events, end), 9);
    }));

  it('14: merging customers is the fold of both histories', () =>
    fc.assert(
      fc.property(histories('left'), histories('right'), (left, right) => {
        const end = Math.max(left.end, right.end);
        const merged = fold(mergedHistory(left.events, right.events), end);
        expect(merged).toEqual(fold(mergedHistory(right.events, left.events), end));
        expect(merged.purchases.length).toBeLessThanOrEqual(left.events.length + right.events.length);
        expect(merged).toEqual(fold(inOrder([...left.events, ...right.events, ...left.events]), end));
      }),
      RUN,
    ));

  it('15: a snapshot in JSON and the rest of the history is the whole history', () =>
    fc.assert(
      fc.property(histories(), share, ({ events, end }, where) => {
        const ordered = inOrder(events);
        const cut = Math.floor(where * ordered.length);
        const snapshot = ordered.slice(0, cut).reduce((state, each) => applyEvent(state, each), emptyState());
        const restored = JSON.parse(JSON.stringify(snapshot)) as typeof snapshot;
        expect(foldOnto(restored, ordered.slice(cut), end)).toEqual(fold(events, end));
      }),
      RUN,
    ));

  it('16: a score that wavers within two points of an edge never changes its tier', () =>
    fc.assert(
      fc.property(
        fc.constantFrom(0, 1, 2, 3),
        fc.array(fc.double({ min: -1.99, max: 1.99, noNaN: true })),
        (edge, offsets) => {
          const { edges, lowest } = rules.tiers;
          for (const tier of [edges[edge]?.tier, edges[edge + 1]?.tier ?? lowest] as Tier[]) {
            for (const offset of offsets) expect(tierOf((edges[edge]?.from ?? NaN) + offset, tier)).toBe(tier);
          }
        },
      ),
      RUN,
    ));

  it('17: the quality of a recovery is 0..1, rising to 150 % and falling beyond', () =>
    fc.assert(
      fc.property(
        histories('e', fc.oneof(settled, recovered)),
        fc.double({ min: 0, max: 5, noNaN: true }),
        share,
        ({ events, end }, ratio, more) => {
          const state = fold([...events, late('x', end - 2, 1)], end);
          const debt = state.debts.find((each) => each.promiseId === 'x');
          if (!debt) throw new Error('the late promise left no debt');
          const attempt = {
            id: 'r',
            type: 'recovery.done',
            at: end,
            promiseId: 'x',
            compensation: ratio,
            loss: 1,
            apology: 'personal',
          } as const;
          const { quality } = recoveryQuality(state, debt, attempt, rules);
          expect(quality).toBeGreaterThanOrEqual(0);
          expect(quality).toBeLessThanOrEqual(1);
          const [here, beyond] = [adequacy(ratio, rules), adequacy(ratio + more, rules)];
          if (ratio + more <= 1.5) expect(beyond).toBeGreaterThanOrEqual(here);
          if (ratio >= 1.5) expect(beyond).toBeLessThanOrEqual(here);
        },
      ),
      RUN,
    ));

  it('orders every two different events of a history', () =>
    holds(({ events }) => {
      for (const a of events) for (const b of events) expect(compareEvents(a, b) === 0).toBe(a.id === b.id);
    }));
});
