import { CALM, fallWindowStart, watchRisk, type RiskWatch } from './alerts.js';
import { drawsSurprise } from './gesture.js';
import { trace } from './fold.js';
import type { GestureKind, ModelEvent, PromiseKind, SurveyKind, TieKind } from './model-event.js';
import { RULESET_2026_01, type Ruleset } from './parameters.js';
import { readingOf } from './score.js';
import { tierOf } from './tiers.js';
import { wayBack } from './way-back.js';

const kinds = <K extends string>(of: Record<K, unknown>): K[] => Object.keys(of) as K[];

/** Histories that together pass through every rule. */
const HISTORIES: Record<string, ModelEvent[]> = {
  promises: [
    { id: 'promo', type: 'promo.claimed', at: 1, intensity: 0.7 },
    ...kinds<PromiseKind>(RULESET_2026_01.debt.kindWeights).flatMap((kind, i): ModelEvent[] => {
      const about = { kind, madeAt: 10 * i, dueAt: 10 * i + 4, tolerance: 1 };
      return [
        {
          id: `warn${i}`,
          type: 'delay.notified',
          at: 10 * i + 3.5,
          promiseId: `late${i}`,
          newEta: 10 * i + (i === 2 ? 5 : 9),
        },
        {
          ...about,
          id: `late${i}`,
          type: 'promise.settled',
          promiseId: `late${i}`,
          at: 10 * i + 6,
          actualAt: 10 * i + 6,
        },
        {
          ...about,
          id: `early${i}`,
          type: 'promise.settled',
          promiseId: `early${i}`,
          at: 10 * i + 7,
          actualAt: 10 * i + 2,
          end: true,
        },
      ];
    }),
  ],
  never: [
    {
      id: 'n',
      type: 'promise.settled',
      promiseId: 'n',
      kind: 'service',
      at: 3,
      dueAt: 2,
      importance: 2,
      actualAt: null,
      tolerance: 1,
    },
    { id: 'k', type: 'promise.settled', promiseId: 'k', kind: 'service', at: 4, dueAt: 4, actualAt: 4, tolerance: 1 },
    { id: 'b', type: 'promise.breached', promiseId: 'b', kind: 'service', at: 90, dueAt: 90 },
    {
      id: 'late',
      type: 'promise.settled',
      promiseId: 'late',
      kind: 'delivery',
      at: 95,
      dueAt: 93,
      actualAt: 93.2,
      tolerance: 1,
    },
    { id: 'so', type: 'gesture.made', at: 96, kind: 'surprise' },
    { id: 'so2', type: 'gesture.made', at: 110, kind: 'surprise' },
  ],
  expected: [0, 40, 80, 120, 160, 200].map((at, i): ModelEvent => ({
    id: `x${i}`,
    type: 'promise.settled',
    promiseId: `x${i}`,
    kind: 'waiting',
    at: at + 9,
    dueAt: at,
    actualAt: at + (i < 5 ? 9 : 1.2),
    tolerance: 1,
  })),
  spoiled: [0, 40, 80, 120, 160, 200].map((at, i): ModelEvent => ({
    id: `y${i}`,
    type: 'promise.settled',
    promiseId: `y${i}`,
    kind: 'waiting',
    at: at + 9,
    dueAt: at + 9,
    actualAt: at + (i < 5 ? 0 : 8),
    tolerance: 1,
  })),
  recovered: [0, 20, 80, 95, 110, 500].flatMap((at, i): ModelEvent[] => [
    {
      id: `f${i}`,
      type: 'promise.settled',
      promiseId: `f${i}`,
      kind: 'delivery',
      at: at + 1,
      dueAt: at,
      actualAt: at + 1,
      tolerance: 1,
    },
    {
      id: `r${i}`,
      type: 'recovery.done',
      promiseId: `f${i}`,
      at: at + 1,
      compensation: [10, 24, 36, 90, 20, 26][i] as number,
      loss: 20,
      apology: i % 2 ? 'auto' : 'personal',
      explanation: i !== 1,
      initiated: 'company',
      match: i !== 2,
      immediate: i !== 4,
    },
  ]),
  paradox: [0, 380].flatMap((at, i): ModelEvent[] => [
    {
      id: `f${i}`,
      type: 'promise.settled',
      promiseId: `f${i}`,
      kind: 'delivery',
      at: at + 0.5,
      dueAt: at,
      actualAt: at + 0.5,
      tolerance: i ? 1 : 0.32,
    },
    {
      id: `r${i}`,
      type: 'recovery.done',
      promiseId: `f${i}`,
      at: at + 0.5,
      compensation: 20,
      loss: 20,
      apology: 'personal',
      explanation: true,
      initiated: 'company',
    },
  ]),
  failed: [
    { id: 'f', type: 'promise.settled', promiseId: 'f', kind: 'delivery', at: 1, dueAt: 0, actualAt: 1, tolerance: 1 },
    { id: 'r', type: 'recovery.done', promiseId: 'f', at: 3, compensation: 12, loss: 20 },
    ...[4, 5, 6].map((at): ModelEvent => ({ id: `m${at}`, type: 'recovery.missed', promiseId: 'f', at })),
  ],
  customer: [
    ...[0, 20, 40, 60, 400].map((at, i): ModelEvent => ({
      id: `o${i}`,
      type: 'purchase.made',
      at,
      orderId: `o${i}`,
      amount: 40 + 3 * i,
      category: `c${i % 3}`,
    })),
    { id: 'ref', type: 'referral.made', at: 380 },
    { id: 'conv', type: 'referral.converted', at: 390 },
    { id: 'pulse', type: 'staff.pulse', at: 300, value: 0.9 },
    ...kinds<TieKind>(RULESET_2026_01.relationship.ties).map((kind): ModelEvent => ({
      id: kind,
      type: 'tie.changed',
      at: 9,
      kind,
      strength: 0.3,
    })),
    ...kinds<GestureKind>(RULESET_2026_01.relationship.gestures).map((kind, i): ModelEvent => ({
      id: kind,
      type: 'gesture.made',
      at: 310 + 15 * i,
      kind,
    })),
    ...kinds<SurveyKind>(RULESET_2026_01.voice.surveys).map((kind, i): ModelEvent => ({
      id: kind,
      type: 'survey.answered',
      at: 390 + i,
      kind,
      value: 4.5,
    })),
    ...[383, 385, 386, 390, 395, 396].map((at): ModelEvent => ({
      id: `call${at}`,
      type: 'contact.made',
      at,
      personal: true,
    })),
  ],
  growing: [
    ...[0, 30, 60].map((at, i): ModelEvent => {
      return { id: `g${i}`, type: 'purchase.made', at, orderId: `g${i}`, amount: 40 * 1.1 ** i };
    }),
    { id: 'hello', type: 'contact.made', at: 70 },
  ],
  promoter: [
    { id: 'friend', type: 'referral.made', at: 0 },
    { id: 'happy', type: 'survey.answered', at: 380, kind: 'csat', value: 4.5 },
    ...[300, 380, 420, 455].map((at): ModelEvent => ({ id: `hello${at}`, type: 'contact.made', at })),
  ],
  complaints: ['open', 'well', 'badly'].flatMap((complaintId, i): ModelEvent[] => [
    { id: `f${i}`, type: 'complaint.filed', at: i, complaintId },
    ...(i > 0 ? [{ id: `r${i}`, type: 'complaint.resolved', at: 5, complaintId, satisfied: i === 1 } as const] : []),
  ]),
};

/** All that the model says of the histories at many times, and of scores and risks around every threshold; one text each. */
function* everythingSaid(rules: Ruleset): Generator<string> {
  for (const events of Object.values(HISTORIES)) {
    const { state, steps } = trace(events, Math.max(...events.map((event) => event.at)), rules);
    yield JSON.stringify([steps, wayBack(state, rules)]);
    for (let days = 0; days <= 1200; days += days < 150 ? 3 : 30) {
      const { score, tier, segment, churnRisk, gesture } = readingOf(state, (state.asOf ?? 0) + days, null, rules);
      yield JSON.stringify([score, tier, segment, churnRisk, gesture]);
    }
  }
  for (let score = 0; score <= 100; score += 0.5) yield tierOf(score, 'neutral', rules) + tierOf(score, null, rules);
  for (let i = 0; i <= 100; i++) {
    const signs = {
      at: 15,
      churnRisk: i / 100,
      score: 50,
      scoreAgo: 50 + i / 4,
      tierFell: false,
      doubleDeviation: false,
    };
    const late: RiskWatch = { level: 'critical', raisedAt: 10 - i / 10 };
    yield JSON.stringify([watchRisk(CALM, signs, rules), watchRisk(late, signs, rules)]);
  }
  yield String(fallWindowStart(100, rules));
  for (let month = 0; month < 300; month++) yield String(drawsSurprise('c', month, 's', rules));
}

/** Paths of all numbers of the ruleset. */
function numbersOf(value: unknown, path: string[] = []): string[][] {
  if (typeof value === 'number') return [path];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => numbersOf(inner, [...path, name]));
}

function withChanged(path: readonly string[], change: (value: number) => number): Ruleset {
  const copy = structuredClone(RULESET_2026_01);
  let holder = copy as unknown as Record<string, unknown>;
  for (const name of path.slice(0, -1)) holder = holder[name] as Record<string, unknown>;
  const last = path.at(-1) as string;
  holder[last] = change(holder[last] as number);
  return copy;
}

describe('parameters', () => {
  const usual = [...everythingSaid(RULESET_2026_01)];
  const saysOtherwise = (rules: Ruleset): boolean => {
    let i = 0;
    for (const said of everythingSaid(rules)) if (said !== usual[i++]) return true;
    return false;
  };
  const paths = numbersOf(RULESET_2026_01).map((path) => path.join('.'));

  // Whole numbers (counts) must move by one to be seen, the rest by a fifth.
  it.each(paths)('%s is read by a rule', (path) => {
    const changes = [(v: number) => v * 1.2 + (v === 0 ? 0.1 : 0), (v: number) => v * 0.8, (v: number) => v + 1];
    expect(changes.some((change) => saysOtherwise(withChanged(path.split('.'), change)))).toBe(true);
  });

  it('weighs the components, and the parts of each, to one', () => {
    const { blend, behaviour, relationship, recovery } = RULESET_2026_01;
    const total = (weights: object): number => Object.values(weights).reduce((a: number, b: number) => a + b, 0);
    expect(total(blend) - blend.trustAlone).toBeCloseTo(1, 12);
    for (const weights of [behaviour.weights, relationship.weights, recovery.weights])
      expect(total(weights)).toBeCloseTo(1, 12);
  });
});
