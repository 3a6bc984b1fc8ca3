import { readFileSync } from 'node:fs';
import type { PromiseEventData, Reason, Verdict } from '#libs/contracts';
import { compileGuarantees, EvaluationError, type Guarantee } from '#libs/guarantees';
import { owed as owedUnder, type OwedRemedy } from './owed.js';

const terms = (name: string, change: (text: string) => string = (text) => text): Guarantee => {
  const file = `guarantees/${name}.yaml`;
  const text = change(readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8'));
  const { guarantees, problems } = compileGuarantees([{ file, text }]);
  if (guarantees?.[0] === undefined) throw new Error(JSON.stringify(problems));
  return guarantees[0];
};

const owed = (guarantee: Guarantee, verdict: PromiseEventData): OwedRemedy[] =>
  owedUnder(guarantee, verdict, { claim: null, returned: {} }).lines;

const brl = (amountMinor: number) => ({ amountMinor, currency: 'BRL' });

function verdictOf(more: Partial<PromiseEventData> = {}): PromiseEventData {
  return {
    promiseId: 'p',
    sequence: 2,
    guarantee: 'order-delivery',
    guaranteeVersion: 1,
    mode: 'live',
    promiseType: 'delivery',
    subject: '4711',
    cycle: '',
    customer: 'c',
    parties: { customer: 'c' },
    refs: {},
    state: 'breached',
    verdict: 'breached',
    openedAt: '2018-04-20T12:00:00.000Z',
    dueAt: '2018-05-04T02:59:59.999Z',
    decidedAt: '2018-05-04T08:59:59.999Z',
    base: { freight: brl(6334) },
    facts: {},
    evidence: [],
    explanation: [],
    reasons: [],
    ...more,
  };
}

const LATE = {
  state: 'completed-late',
  completedAt: '2018-05-06T06:00:00.000Z',
  latenessMs: 2 * 86_400_000 + 3 * 3_600_000 + 1,
} as const;
const order = terms('order-delivery');
const brief = (lines: OwedRemedy[]) =>
  lines.map(({ remedyId, kind, amountMinor, currency }) => [remedyId, kind, amountMinor, currency]);

describe('owed', () => {
  it('gives a breach its remedies, whether or not the thing was done in the end', () => {
    for (const verdict of [verdictOf(), verdictOf(LATE)]) {
      expect(brief(owed(order, verdict))).toEqual([
        ['freight', 'refund', 6334, 'BRL'],
        ['sorry', 'apology', 0, null],
      ]);
    }
  });

  it.each<[Verdict | null]>([['kept'], ['cancelled'], ['excused'], [null]])('gives nothing when %s', (verdict) => {
    expect(owed(order, verdictOf({ verdict }))).toEqual([]);
  });

  it('leaves out money of zero', () => {
    expect(brief(owed(order, verdictOf({ base: { freight: brl(0) } })))).toEqual([['sorry', 'apology', 0, null]]);
    expect(owed(order, verdictOf({ base: { freight: brl(1) } }))[0]?.amountMinor).toBe(1);
  });

  it('explains the refund with its arithmetic and the place of the rule', () => {
    expect(owed(order, verdictOf(LATE))[0]?.explanation).toEqual([
      'Delivered 2 d 3 h late, so the freight of 63.34 BRL comes back (guarantees/order-delivery.yaml v1, lines 29-31).',
    ]);
    expect(owed(order, verdictOf())[0]?.explanation).toEqual([
      'Not delivered by Thu 2018-05-03 23:59 (America/Sao_Paulo), so the freight of 63.34 BRL comes back (guarantees/order-delivery.yaml v1, lines 29-31).',
    ]);
    expect(owed(order, verdictOf(LATE))[1]?.explanation).toEqual([
      'Delivered 2 d 3 h late, so we apologise with "delivery-late" (guarantees/order-delivery.yaml v1, lines 32-34).',
    ]);
  });

  it('computes a share and counts points', () => {
    const verdict = verdictOf({
      base: { nightRate: { amountMinor: 123_405, currency: 'CNY' } },
      latenessMs: 125_000,
      completedAt: '2018-05-06T06:00:00.000Z',
    });
    const credit = owed(terms('hotel-call-1200'), verdict)[1];
    expect(credit).toMatchObject({
      kind: 'credit',
      amountMinor: 12_341,
      currency: 'CNY',
      isMoney: true,
      nature: 'price-reduction',
      party: 'customer',
    });
    expect(credit?.explanation).toEqual([
      'Answered 2 min 5 s late, so 123.41 CNY is credited (guarantees/hotel-call-1200.yaml v1, line 22).',
      '1. 10 % of 1234.05 CNY = 123.405 CNY',
      '2. 123.405 CNY rounded half-up to 123.41 CNY',
    ]);
    const points = owed(terms('hotel-check-in'), verdict)[1];
    expect(points).toMatchObject({
      kind: 'points',
      amountMinor: 500,
      currency: 'XPT',
      isMoney: false,
      explanation: ['Done 2 min 5 s late, so 500 points are credited (guarantees/hotel-check-in.yaml v1, line 22).'],
    });
  });

  it.each([
    ['JPY', 1005, 101],
    ['KWD', 1250, 125],
    ['KWD', 1254, 125],
    ['KWD', 1255, 126],
  ])('is exact in %s: 10 %% of %d is %d', (currency, amountMinor, share) => {
    const verdict = verdictOf({ base: { nightRate: { amountMinor, currency } } });
    expect(owed(terms('hotel-call-1200'), verdict)[1]).toMatchObject({ amountMinor: share, currency });
  });

  it('counts payment and expiry from the decision, and pays the payer', () => {
    const ems = owed(
      terms('ems-express'),
      verdictOf({ base: { postage: brl(5) }, parties: { customer: 'c', payer: 'p' } }),
    );
    expect(ems[0]).toMatchObject({
      remedyId: 'postage',
      party: 'payer',
      payByMs: Date.parse('2018-06-03T08:59:59.999Z'),
    });
    expect(ems[1]).toMatchObject({ party: 'customer' });
    expect(ems[1]).not.toHaveProperty('payByMs');
    const voucher = terms('order-delivery', (text) =>
      text.replace('kind: refund', 'kind: voucher\n    expiresWithin: P1D\n    label: stamps'),
    );
    expect(owed(voucher, verdictOf())[0]).toMatchObject({
      kind: 'voucher',
      nature: 'goodwill',
      label: 'stamps',
      expiresAtMs: Date.parse('2018-05-05T08:59:59.999Z'),
    });
  });

  describe('with conditions', () => {
    const after = (condition: string) =>
      terms('order-delivery', (text) =>
        text.replace('    amount: base.freight', `    amount: base.freight\n    when: ${condition}`),
      );
    const refunds = (guarantee: Guarantee, more: Partial<PromiseEventData>) =>
      owed(guarantee, verdictOf(more)).filter((line) => line.isMoney).length;

    it.each([
      [3_599_999, 0],
      [3_600_000, 0],
      [3_600_001, 1],
    ])('a remedy from more than an hour: %d ms late gives %d refund(s)', (latenessMs, count) => {
      expect(refunds(after('lateness > duration("1h")'), { ...LATE, latenessMs })).toBe(count);
    });

    it('waits for the lateness where it is needed, and not where it is not', () => {
      expect(refunds(after('latenessMs > 0'), {})).toBe(0);
      expect(refunds(after('"!completed"'), {})).toBe(1);
      expect(refunds(after('"!completed"'), LATE)).toBe(0);
      expect(refunds(after('facts.region == "RS"'), { facts: { region: 'RS' } })).toBe(1);
      expect(refunds(after('facts.region == "RS"'), {})).toBe(0);
    });
  });

  it('throws an EvaluationError with its place when an amount cannot be computed', () => {
    expect(() => owed(order, verdictOf({ base: {} }))).toThrow(EvaluationError);
    expect(() => owed(order, verdictOf({ base: {} }))).toThrow('guarantees/order-delivery.yaml:31:13');
  });

  it('names in its arguments every amount, time and number of its words', () => {
    const cases: [Guarantee, PromiseEventData][] = [
      [order, verdictOf()],
      [order, verdictOf(LATE)],
      [
        terms('hotel-call-1200'),
        verdictOf({ base: { nightRate: brl(99_995) }, decidedAt: '2018-05-04T03:00:00.000Z' }),
      ],
      [terms('hotel-check-in'), verdictOf(LATE)],
      [terms('ems-express'), verdictOf({ base: { postage: brl(7) } })],
    ];
    for (const [guarantee, verdict] of cases)
      for (const { explanation, reasons } of owed(guarantee, verdict)) expectNamed(explanation, reasons);
  });

  it('is a pure function', () => {
    const verdict = verdictOf(LATE);
    expect(JSON.stringify(owed(order, verdict))).toBe(JSON.stringify(owed(order, structuredClone(verdict))));
  });
});

/** Every piece of a text that holds a digit stands in some argument of the reason beside it. */
function expectNamed(explanation: readonly string[], reasons: readonly Reason[]): void {
  expect(reasons.length).toBe(explanation.length);
  explanation.forEach((text, i) => {
    const args = Object.values(reasons[i]!.args).map(String).join('\n');
    const pieces = text.match(/[\w:.-]*\d[\w:.-]*/g) ?? [];
    expect(
      pieces.map((piece) => piece.replace(/^v(?=\d)|[.:]+$/g, '')).filter((piece) => !args.includes(piece)),
    ).toEqual([]);
  });
}
