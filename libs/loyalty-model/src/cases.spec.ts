import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ModelEvent } from './model-event.js';
import { score } from './score.js';
import { checkWorkedCases, type WorkedCase, type WorkedCases } from './worked-cases.js';

const SHARED_CASES = resolve(import.meta.dirname, '../../../../shared/data/loyalty/cases.json');

const joined: ModelEvent = { id: 'a', type: 'customer.joined', at: 0 };
const order: ModelEvent = { id: 'b', type: 'purchase.made', at: 0, orderId: 'o', amount: 40, category: 'food' };
const delivery = {
  type: 'promise.settled',
  promiseId: 'p',
  kind: 'delivery',
  madeAt: 0,
  dueAt: 2,
  tolerance: 1,
} as const;
const lateByOne: ModelEvent = { ...delivery, id: 'c', at: 3, actualAt: 3 };
const warning: ModelEvent = { id: 'w', type: 'delay.notified', promiseId: 'p', at: 1, newEta: 3 };
const voucher = { id: 'r', type: 'recovery.done', promiseId: 'p', at: 3, compensation: 20, loss: 20 } as const;

/** One tolerance late: 0.0625 doubled, for losses count double. */
const HURT = 0.125;
/** Alive by the prior of somebody who just bought, or never did: 1.614 of 0.891357 + 1.614. */
const ALIVE = 1.614 / (0.891357 + 1.614);
const decayed = (days: number, halfLife: number): number => 2 ** (-days / halfLife);

function sample(
  n: number,
  name: string,
  asOf: number,
  events: ModelEvent[],
  expected: WorkedCase['expected'],
): WorkedCase {
  return { n, name, asOf, events, expected };
}

/** Small cases whose numbers follow from the documented parameters by hand. */
const SAMPLE_CASES: WorkedCases = {
  tolerance: 1e-9,
  cases: [
    sample(1, 'new customer', 0, [joined], {
      H: 1,
      D: 0,
      X: 0.5,
      V: 0.5,
      R: 0.3,
      pAlive: ALIVE,
      B: ALIVE * 0.525,
      segment: 'new',
      tier: 'neutral',
      score: 100 * (0.3 + 0.7 * (0.15 + 0.3 * ALIVE * 0.525 + 0.1 + 0.06)),
      churnRisk: 1 - ALIVE,
      gesture: 'none',
    }),
    sample(2, 'one tolerance late', 3, [joined, order, lateByOne], {
      D: HURT * decayed(1, 120),
      X: 0.5,
      expectedLateness: { delivery: 0.3 },
      gesture: 'apologise_and_compensate',
    }),
    sample(3, 'half a debt after 120 days', 122, [joined, lateByOne], { D: HURT / 2 }),
    sample(4, 'warned a day ahead of a promise of two days', 3, [joined, warning, lateByOne], {
      D: HURT * 0.65 * decayed(1, 120),
    }),
    sample(5, 'never done', 3, [joined, { ...delivery, id: 'c', at: 3, actualAt: null }], {
      D: 0.125 * 3 ** 0.88 * 1.5 * decayed(1, 120),
      expectedLateness: { delivery: 0.9 },
    }),
    sample(6, 'one tolerance early', 1, [joined, { ...delivery, id: 'c', at: 1, actualAt: 1 }], {
      D: 0,
      X: 0.5 + 0.5 * Math.tanh(0.15),
      gesture: 'none',
    }),
    sample(
      7,
      'whole loss given back after a day, unasked',
      3,
      [joined, lateByOne, { ...voucher, initiated: 'company' }],
      {
        D: HURT * (1 - 0.85 * (0.4 * 0.9 + 0.15 / 2 + 0.12)) * decayed(1, 120),
      },
    ),
    sample(8, 'a poor recovery makes it worse', 3, [joined, lateByOne, { ...voucher, compensation: 0 }], {
      D: HURT * 1.3 * decayed(1, 120),
      gesture: 'call_personally',
    }),
    sample(9, 'a happy answer', 0, [joined, { id: 'n', type: 'survey.answered', at: 0, kind: 'nps', value: 10 }], {
      V: 0.5 + 0.5 / 2.5,
      gesture: 'ask_for_referral',
    }),
    sample(10, 'a complaint', 0, [joined, { id: 'f', type: 'complaint.filed', at: 0, complaintId: 'x' }], {
      V: 0.5 - (0.5 * 0.8) / 3.5,
      gesture: 'call_back_complaint',
    }),
    sample(11, 'a club member', 0, [joined, { id: 't', type: 'tie.changed', at: 0, kind: 'club', strength: 1 }], {
      R: 0.35,
      churnRisk: (1 - ALIVE) * (1 - 0.3 * 0.25),
    }),
  ],
  tierCases: [
    { score: 82, prev: 'loyal', expected: 'advocate' },
    { score: 81.9, prev: 'loyal', expected: 'loyal' },
    { score: 62.9, prev: 'loyal', expected: 'neutral' },
    { score: 63, prev: 'loyal', expected: 'loyal' },
    { score: 63, prev: null, expected: 'neutral' },
    { score: 10, prev: 'advocate', expected: 'broken' },
  ],
  valueCases: [
    { z: 0.1, expected: 0 },
    { z: 1, expected: 1 },
    { z: -1, expected: -2 },
    { z: 9, expected: 3 ** 0.88 },
  ],
  adequacyCases: [
    { a: 0, expected: 0 },
    { a: 1, expected: 0.9 },
    { a: 1.5, expected: 1 },
    { a: 2, expected: 0.9 },
    { a: 9, expected: 0.7 },
  ],
};

describe('worked cases', () => {
  it('gives what follows by hand from the documented numbers', () => {
    const { checked, differences } = checkWorkedCases(SAMPLE_CASES);
    expect(differences).toEqual([]);
    expect(checked).toBe(26);
  });

  it('tells of a difference instead of passing over it', () => {
    const { differences } = checkWorkedCases({ tierCases: [{ score: 50, prev: null, expected: 'loyal' }] });
    expect(differences).toEqual([{ where: 'tier of 50 after none', what: '', expected: 'loyal', found: 'neutral' }]);
    const wrong = sample(1, 'wrong', 0, [joined], { score: 58.8, H: 1, tier: 'loyal' });
    expect(checkWorkedCases({ cases: [wrong] }).differences.map(({ what }) => what)).toEqual(['score', 'tier']);
  });

  it('gives the scores, components and traces of the shared cases', () => {
    if (!existsSync(SHARED_CASES)) {
      process.stdout.write(`skipped: no ${SHARED_CASES}; the cases worked by hand were checked instead\n`);
      return;
    }
    const { checked, differences } = checkWorkedCases(JSON.parse(readFileSync(SHARED_CASES, 'utf8')) as WorkedCases);
    expect(differences).toEqual([]);
    expect(checked).toBeGreaterThanOrEqual(32);
  });
});

describe('the thesis: service alone makes nobody loyal, its absence destroys loyalty', () => {
  const days = (n: number, every: number): number[] => Array.from({ length: n }, (_, i) => i * every);
  const beloved: ModelEvent[] = [
    joined,
    ...days(8, 14).map((at, i): ModelEvent => {
      const category = ['food', 'home', 'garden', 'books'][i % 4] as string;
      return { id: `buy${i}`, type: 'purchase.made', at, orderId: `o${i}`, amount: 40 + 4 * i, category };
    }),
    ...days(4, 25).map((at, i): ModelEvent => ({
      id: `call${i}`,
      type: 'gesture.made',
      at: at + 20,
      kind: 'surprise',
    })),
    ...days(4, 20).map((at, i): ModelEvent => ({
      ...delivery,
      id: `early${i}`,
      promiseId: `early${i}`,
      at: at + 14,
      madeAt: at + 10,
      dueAt: at + 15.5,
      actualAt: at + 14,
    })),
    { id: 'nps', type: 'survey.answered', at: 60, kind: 'nps', value: 10 },
    { id: 'csat', type: 'survey.answered', at: 90, kind: 'csat', value: 5 },
    { id: 'club', type: 'tie.changed', at: 30, kind: 'club', strength: 1 },
    { id: 'own', type: 'tie.changed', at: 30, kind: 'customization', strength: 1 },
    { id: 'friend', type: 'referral.converted', at: 80 },
  ];

  it('keeps a customer of 24 kept promises and nothing else out of the loyal', () => {
    const kept = days(24, 4).map((at, i): ModelEvent => ({
      ...delivery,
      id: `kept${i}`,
      promiseId: `kept${i}`,
      at: at + 3,
      madeAt: at + 1,
      dueAt: at + 3,
      actualAt: at + 3,
    }));
    const reading = score([joined, order, ...kept], 98);
    expect(reading.score).toBeLessThan(65);
    expect(reading.tier).toBe('neutral');
    expect(reading.evidence).toBe(25);
  });

  it('breaks an advocate by three failures that nobody made good', () => {
    const failures = [99, 108, 118].flatMap((dueAt, i): ModelEvent[] => [
      {
        ...delivery,
        id: `fail${i}`,
        promiseId: `f${i}`,
        at: dueAt + 2,
        madeAt: dueAt - 2,
        dueAt,
        actualAt: i < 2 ? dueAt + 2 : null,
      },
      { id: `silence${i}`, type: 'recovery.missed', promiseId: `f${i}`, at: dueAt + 5 },
    ]);
    expect(score(beloved, 98).tier).toBe('advocate');
    const after = score([...beloved, ...failures], 126);
    expect(after.tier).toBe('broken');
    expect(after.gesture).toBe('call_personally');
  });
});
