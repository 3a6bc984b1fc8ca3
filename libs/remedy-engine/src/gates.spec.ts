import { breach, brief, fare, judged, terms } from './breaches.spec-kit.js';

const FARE = '  - { id: fare, kind: refund, amount: base.fare }';
const of = (root: string) => terms(FARE, root);

describe('why nothing is owed', () => {
  it('is told by the verdict where there was no breach', () => {
    for (const [verdict, code] of [
      ['kept', 'kept'],
      ['cancelled', 'cancelled'],
      [null, 'open'],
    ] as const)
      expect(brief(judged(of(''), breach(null, { verdict })))).toBe(code);
    expect(brief(judged(of(''), breach(1, { verdict: 'excused', excuse: 'x' })))).toBe('excused');
  });

  it('is exempt before it is excused, and both before the claim', () => {
    const guarantee = of(
      'claim: {}\nexempt: [{ code: cured, when: facts.n == 1 }, { code: exempt_notice, when: facts.n > 0 }]',
    );
    const n = (count: number) => ({ facts: { n: count } });
    expect(brief(judged(guarantee, breach(1, { ...n(1), verdict: 'excused' })))).toBe('cured');
    expect(brief(judged(guarantee, breach(1, n(2))))).toBe('exempt_notice');
    expect(brief(judged(guarantee, breach(1, { ...n(0), verdict: 'excused' })))).toBe('excused');
    expect(brief(judged(guarantee, breach(1, n(0))))).toBe('claim_missing');
    expect(brief(judged(guarantee, breach(1, n(0)), '2026-06-09T00:00:00Z'))).toBe('compensated 1590');
  });

  it.each([
    // Due is Wed 3 June, opened Mon 1 June, in London; the last local day counts whole.
    ['{ within: { days: 28 } }', '2026-07-01T22:59:59.999Z', '2026-07-01T23:00:00Z'],
    ['{ within: { days: 30, from: openedAt } }', '2026-07-01T22:59:59.999Z', '2026-07-01T23:00:00Z'],
    ['{ within: { workingDays: 3 } }', '2026-06-08T22:59:59.999Z', '2026-06-08T23:00:00Z'],
    ['{ within: { months: 3, from: openedAt } }', '2026-09-01T22:59:59.999Z', '2026-09-01T23:00:00Z'],
    ['{ within: { monthEnds: 2, from: openedAt } }', '2026-08-31T22:59:59.999Z', '2026-08-31T23:00:00Z'],
    ['{ until: facts.when }', '2026-06-10T11:00:00Z', '2026-06-10T11:00:00.001Z'],
    ['{ until: facts.when, within: { days: 1 } }', '2026-06-04T22:59:59.999Z', '2026-06-04T23:00:00Z'],
  ])('claim: %s is in time at %s and late at %s', (claim, inTime, late) => {
    const guarantee = of(`claim: ${claim}`);
    const verdict = breach(1, { facts: { when: '2026-06-10T12:00:00+01:00' } });
    expect(brief(judged(guarantee, verdict, inTime))).toBe('compensated 1590');
    expect(brief(judged(guarantee, verdict, late))).toBe('claim_late');
    expect(brief(judged(guarantee, verdict))).toBe('claim_missing');
  });

  it('needs no claim where none is required, but heeds a late one', () => {
    const guarantee = of("claim: { required: 'facts.n == 1', within: { days: 1 } }");
    expect(brief(judged(guarantee, breach(1)))).toBe('compensated 1590');
    expect(brief(judged(guarantee, breach(1, { facts: { n: 1 } })))).toBe('claim_missing');
    expect(brief(judged(guarantee, breach(1), '2026-06-09T00:00:00Z'))).toBe('claim_late');
  });

  it('rests between dates, both inclusive', () => {
    const rest = (from: string, until: string) =>
      brief(judged(of(`suspended: [{ from: ${from}, until: ${until} }]`), breach(1)));
    expect([
      rest('2026-06-04', '2026-06-30'),
      rest('2026-06-03', '2026-06-30'),
      rest('2026-05-01', '2026-06-03'),
      rest('2026-05-01', '2026-06-02'),
    ]).toEqual(['compensated 1590', 'suspended', 'suspended', 'compensated 1590']);
  });
});

describe('nothing, in words', () => {
  const words = (root: string, more: Parameters<typeof breach>[1] = {}, claimAt: string | null = null) =>
    judged(of(root), breach(3_600_000, more), claimAt).nothing;
  it('says by how much, why, and where the rule stands; times are among the arguments', () => {
    const late = words('claim: { within: { days: 28 } }', {}, '2026-07-02T09:00:00Z');
    expect(late?.explanation).toEqual([
      'Done 1 h late, but nothing is owed: asked for on Thu 2026-07-02 10:00:00, after Wed 2026-07-01 23:59:59 (Europe/London) (guarantees/sample.yaml v1, line 9).',
    ]);
    expect(late?.reasons[0]).toMatchObject({
      code: 'nothing.claim_late',
      args: { claimedAt: '2026-07-02T09:00:00.000Z', claimUntilAt: '2026-07-01T22:59:59.999Z', line: 9 },
    });
    expect(words('claim: {}')?.explanation[0]).toBe(
      'Done 1 h late, but nothing is owed: it is paid on request, and nobody asked (guarantees/sample.yaml v1, line 9).',
    );
    expect(words('exempt: [{ code: cured, when: facts.n == 1 }]', { facts: { n: 1 } })?.explanation[0]).toMatch(
      'nothing is owed: it was put right in time (guarantees/sample.yaml v1, line 9)',
    );
    expect(words('', { verdict: 'excused', excuse: 'storm' })?.explanation[0]).toMatch(
      'nothing is owed: excused as storm',
    );
    const small = terms("  - { id: a, kind: refund, amount: base.fare, minimum: { atLeast: 'money(20)' } }");
    expect(judged(small, breach(1)).nothing?.explanation[0]).toMatch(
      'nothing is owed: less than 20.00 GBP is not paid',
    );
    expect(judged(small, breach(1, fare(2000))).nothing).toBeUndefined();
  });
});

describe('what others gave back', () => {
  it('comes off what gives that base back, and off nothing else', () => {
    const guarantee = terms(`${FARE}
  - { id: part, kind: credit, amount: 'percent(base.fare, 10)' }
  - { id: damages, kind: refund, nature: damages, amount: base.fare }`);
    const back = (fareMinor: number) => brief(judged(guarantee, breach(1), null, { fare: fareMinor }));
    expect([back(0), back(1), back(1590), back(1600), back(9999)]).toEqual([
      'compensated 1590,159,1590',
      'compensated 1589,159,1590',
      'compensated 159,1590',
      'compensated 149,1590',
      'compensated 1590',
    ]);
    expect(brief(judged(of(''), breach(1), null, { fare: 1590 }))).toBe('compensated');
    expect(judged(guarantee, breach(1), null, { fare: 90 }).lines[0]?.steps).toEqual([
      '1. 15.90 GBP less 0.90 GBP of it given back already = 15.00 GBP',
    ]);
  });
});

describe('several lines', () => {
  it('are added, or the best of those with money stands beside words', () => {
    const remedies = `  - { id: a, kind: refund, amount: money(5) }
  - { id: sorry, kind: apology, template: late }
  - { id: b, kind: refund, amount: money(10), when: lateness > PT1H }`;
    expect(brief(judged(terms(remedies), breach(3_600_001)))).toBe('compensated 500,0,1000');
    expect(brief(judged(terms(remedies, 'combine: best'), breach(3_600_001)))).toBe('compensated 0,1000');
    expect(brief(judged(terms(remedies, 'combine: best'), breach(3_600_000)))).toBe('compensated 500,0');
  });
});

describe('payment', () => {
  it('is due by the end of a day from a moment', () => {
    const payBy = (limit: string) => {
      const [line] = judged(
        terms(`  - { id: a, kind: refund, amount: base.fare, payBy: ${limit} }`),
        breach(1, fare(5)),
      ).lines;
      return new Date(line?.payByMs ?? 0).toISOString();
    };
    expect(payBy('{ days: 30, from: completedAt }')).toBe('2026-07-03T22:59:59.999Z');
    expect(payBy('{ workingDays: 7 }')).toBe('2026-06-12T22:59:59.999Z');
  });
});
