import { componentsOf } from './components.js';
import { emptyState } from './evolve.js';
import { shownParts } from './explanation.js';
import { applyEvent, explainEvent, fold } from './fold.js';
import type { ModelEvent } from './model-event.js';
import { withDebt } from './debts.js';
import { wayBack } from './way-back.js';

const joined: ModelEvent = { id: 'a', type: 'customer.joined', at: 0 };
const late = (id: string, dueAt: number, by: number): ModelEvent => {
  const about = { promiseId: id, kind: 'delivery', madeAt: dueAt - 2, dueAt, tolerance: 1 } as const;
  return { ...about, id: `late-${id}`, type: 'promise.settled', at: dueAt + by, actualAt: dueAt + by };
};
const warned: ModelEvent = { id: 'w', type: 'delay.notified', promiseId: 'p', at: 1, newEta: 9 };

describe('the explanation of a step', () => {
  it('tells a breach by its stages, and what the warning saved', () => {
    const before = fold([joined, warned], 1);
    const { step } = explainEvent(before, late('p', 2, 1));
    expect(Object.keys(step.byEvent)).toEqual(['trust.lateness', 'trust.loss_asymmetry', 'trust.warned_in_advance']);
    expect(step.byEvent['trust.lateness']).toBeCloseTo(step.byEvent['trust.loss_asymmetry'] as number, 12);
    expect(step.byEvent['trust.warned_in_advance']).toBeGreaterThan(0);
    expect(step.byTime).not.toEqual({});
  });

  it('shows tenths that sum to the shown change', () => {
    const shown = shownParts({ trust: -1.28, voice: 0.34, experience: 0.34, behaviour: 0.02 });
    expect(shown.delta).toBe(-0.6);
    expect(shown.parts[0]).toEqual({ cause: 'trust', points: -1.3 });
    expect(shown.parts.reduce((sum, part) => sum + part.points, 0)).toBeCloseTo(-0.6, 12);
    expect(shownParts({})).toEqual({ delta: 0, parts: [] });
  });

  it('says what a recovery was worth, and when it made things worse', () => {
    const broken = fold([joined, late('p', 2, 1)], 3);
    const sorry: ModelEvent = { id: 's', type: 'recovery.done', promiseId: 'p', at: 3, apology: 'auto' };
    const { step } = explainEvent(broken, sorry);
    expect(step.doubleDeviation).toBe(true);
    expect(step.recovery?.quality).toBeCloseTo(0.125 + 0.075, 12);
    expect(step.delta).toBeLessThan(0);
    const unknown = explainEvent(broken, { ...sorry, promiseId: 'constructor' });
    expect(unknown.step.delta).toBe(0);
    expect(unknown.step.recovery).toBeUndefined();
  });
});

describe('the way back', () => {
  it('lists the open debts with what making good would return, most first', () => {
    const state = fold([joined, late('small', 2, 0.5), late('big', 10, 2.5)], 14);
    const list = wayBack(state);
    expect(list.map(({ promiseId }) => promiseId)).toEqual(['big', 'small']);
    const [big] = state.debts.filter((debt) => debt.promiseId === 'big');
    const healed = withDebt(state, { ...(big as NonNullable<typeof big>), bestRecovery: 0.9 });
    expect(list[0]?.points).toBeCloseTo(componentsOf(healed).score - componentsOf(state).score, 12);
    expect(wayBack(fold([joined], 5))).toEqual([]);
  });
});

describe('events out of order', () => {
  it('are refused, and leave the state as it was', () => {
    const state = fold([joined, late('p', 2, 1)], 3);
    const copy = structuredClone(state);
    expect(() => applyEvent(state, { id: 'z', type: 'referral.made', at: 2 })).toThrow('LOYALTY_EVENT_OUT_OF_ORDER');
    expect(() => applyEvent(state, { id: '0', type: 'customer.joined', at: 3 })).toThrow('LOYALTY_EVENT_OUT_OF_ORDER');
    expect(applyEvent(state, { id: 'z', type: 'referral.made', at: 3 }).referrals).toBe(0.5);
    expect(state).toEqual(copy);
    expect(emptyState().last).toBeNull();
  });
});
