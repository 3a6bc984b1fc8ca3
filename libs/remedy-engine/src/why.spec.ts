import { readFileSync } from 'node:fs';
import { compileGuarantees } from '#libs/guarantees';
import { whyVerdict, type VerdictFacts } from './why.js';

const terms = (name: string) => {
  const file = `guarantees/${name}.yaml`;
  return compileGuarantees([{ file, text: readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8') }])
    .guarantees![0]!;
};
const order = terms('order-delivery');
const hotel = terms('hotel-check-in');
const at = (text: string): number => Date.parse(text);
const ZONE = 'America/Sao_Paulo';
const RULE = `${ZONE}; guarantees/order-delivery.yaml v1, line 20`;

const OPEN: VerdictFacts = {
  state: 'open',
  verdict: null,
  openedAtMs: at('2018-04-20T12:00:00Z'),
  dueAtMs: at('2018-05-04T02:59:59.999Z'),
  completedAtMs: null,
  latenessMs: null,
  decidedAtMs: at('2018-04-20T12:00:00Z'),
  dueExplanation: 'the end of 2018-05-03 in America/Sao_Paulo',
};
const done = (text: string, more: Partial<VerdictFacts>): Partial<VerdictFacts> => {
  const completedAtMs = at(text);
  return { completedAtMs, latenessMs: Math.max(completedAtMs - OPEN.dueAtMs, 0), decidedAtMs: completedAtMs, ...more };
};

const SENTENCES: [string, Partial<VerdictFacts>, string][] = [
  ['open', {}, `Open: waiting for shop.order.delivered, due Thu 2018-05-03 23:59 (${RULE}).`],
  ['at-risk', { state: 'at-risk' }, `At risk: waiting for shop.order.delivered, due Thu 2018-05-03 23:59 (${RULE}).`],
  ['paused', { state: 'paused' }, `Paused: waiting for shop.order.delivered, due Thu 2018-05-03 23:59 (${RULE}).`],
  [
    'overdue',
    { state: 'overdue', decidedAtMs: OPEN.dueAtMs + 700_000 },
    `Overdue: due Thu 2018-05-03 23:59; word of it may still be on its way until Fri 2018-05-04 05:59 (${RULE}).`,
  ],
  [
    'unknown',
    { state: 'unknown' },
    `Unknown: due Thu 2018-05-03 23:59, and a source that could tell is silent (${RULE}).`,
  ],
  [
    'kept',
    done('2018-05-03T18:00:00Z', { state: 'kept', verdict: 'kept' }),
    `Kept, 8 h 59 min early: due Thu 2018-05-03 23:59, delivered at 15:00 (${RULE}).`,
  ],
  [
    'kept',
    done('2018-05-04T02:59:59.999Z', { state: 'kept', verdict: 'kept' }),
    `Kept, exactly in time: due Thu 2018-05-03 23:59:59, delivered at 23:59:59 (${RULE}).`,
  ],
  [
    'kept',
    done('2018-05-03T18:00:00Z', { state: 'kept', verdict: 'kept', learnedAtMs: at('2018-05-03T18:00:59Z') }),
    `Kept, 8 h 59 min early: due Thu 2018-05-03 23:59, delivered at 15:00 (${RULE}).`,
  ],
  [
    'retracted',
    done('2018-05-01T18:00:00Z', { state: 'retracted', verdict: 'kept', learnedAtMs: at('2018-05-05T09:30:00Z') }),
    `Kept after all, 2 d 8 h early: due Thu 2018-05-03 23:59, delivered on Tue 2018-05-01 15:00; learned on Sat 2018-05-05 06:30, so the miss is taken back (${RULE}).`,
  ],
  [
    'breached',
    { state: 'breached', verdict: 'breached', decidedAtMs: OPEN.dueAtMs + 6 * 3_600_000 },
    `Missed: not delivered by Thu 2018-05-03 23:59, and 6 h later still no word of it (${RULE}).`,
  ],
  [
    'completed-late',
    done('2018-05-06T06:00:00Z', { state: 'completed-late', verdict: 'breached' }),
    `Missed by 2 d 3 h: due Thu 2018-05-03 23:59, delivered on Sun 2018-05-06 03:00 (${RULE}).`,
  ],
  [
    'completed-late',
    done('2018-05-04T03:00:00.499Z', { state: 'final', verdict: 'breached' }),
    `Missed by 500 ms: due Thu 2018-05-03 23:59:59.999, delivered on Fri 2018-05-04 00:00:00.499 (${RULE}).`,
  ],
  [
    'breached-then-cancelled',
    {
      state: 'breached',
      verdict: 'breached',
      cancelledAtMs: at('2018-05-09T12:00:00Z'),
      decidedAtMs: at('2018-05-09T12:00:00Z'),
    },
    `Missed: not delivered by Thu 2018-05-03 23:59; cancelled only after that, on Wed 2018-05-09 09:00 (${RULE}).`,
  ],
  [
    'cancelled',
    { state: 'cancelled', verdict: 'cancelled', cancelledAtMs: at('2018-05-02T12:00:00Z') },
    `Cancelled: due Thu 2018-05-03 23:59, called off on Wed 2018-05-02 09:00; nothing is owed (${RULE}).`,
  ],
  ['excused', { state: 'excused', verdict: 'excused' }, `Missed, but excused: due Thu 2018-05-03 23:59 (${RULE}).`],
];

describe('whyVerdict', () => {
  it.each(SENTENCES)('says of %s in one sentence', (code, more, sentence) => {
    const why = whyVerdict(order, { ...OPEN, ...more }, ZONE);
    expect(why.explanation).toEqual([sentence, 'Due: the end of 2018-05-03 in America/Sao_Paulo.']);
    expect(why.reasons.map((reason) => reason.code)).toEqual([code, 'due']);
  });

  it('needs fewer than 35 words and names in its arguments every time and number', () => {
    for (const [, more] of SENTENCES) {
      const { explanation, reasons } = whyVerdict(order, { ...OPEN, ...more }, ZONE);
      expect(explanation[0]!.split(' ').length).toBeLessThan(35);
      explanation.forEach((text, i) => {
        const args = Object.values(reasons[i]!.args).map(String).join('\n');
        const pieces = (text.match(/[\w:.-]*\d[\w:.-]*/g) ?? []).map((piece) => piece.replace(/^v(?=\d)|[.:]+$/g, ''));
        expect(pieces.filter((piece) => !args.includes(piece))).toEqual([]);
      });
      expect(reasons[0]!.args).toMatchObject({ dueAt: '2018-05-04T02:59:59.999Z', zone: ZONE, line: 20 });
    }
  });

  it('shows seconds where minutes would hide the miss, and waits for nothing without an allowance', () => {
    const openedAtMs = at('2026-05-04T06:00:03.120Z');
    const base = {
      ...OPEN,
      openedAtMs,
      dueAtMs: openedAtMs + 180_000,
      state: 'breached',
      verdict: 'breached',
    } as const;
    const sentence = (more: Partial<VerdictFacts>) =>
      whyVerdict(hotel, { ...base, ...more }, 'Asia/Shanghai').explanation[0];
    expect(sentence({ decidedAtMs: base.dueAtMs })).toBe(
      'Missed: not done by Mon 2026-05-04 14:03:03 (Asia/Shanghai; guarantees/hotel-check-in.yaml v1, line 17).',
    );
    expect(sentence({ completedAtMs: base.dueAtMs + 125_000, latenessMs: 125_000 })).toBe(
      'Missed by 2 min 5 s: due Mon 2026-05-04 14:03:03, done at 14:05:08 (Asia/Shanghai; guarantees/hotel-check-in.yaml v1, line 17).',
    );
  });

  it('is a pure function', () => {
    const facts = { ...OPEN, ...SENTENCES[10]![1] };
    expect(JSON.stringify(whyVerdict(order, facts, ZONE))).toBe(JSON.stringify(whyVerdict(order, { ...facts }, ZONE)));
  });
});
