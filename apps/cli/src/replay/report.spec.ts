import { TOPICS, type PromiseEventData } from '#libs/contracts';
import { ReportBuilder } from './report.js';
import { reportLines } from './report-text.js';

const rest = { events: 9, elapsedMs: 3_000, ledger: { balanced: true, entries: 4 } };

function build(events: readonly { topic: string; type: string; data: unknown; id?: string }[]) {
  const builder = new ReportBuilder();
  events.forEach(({ topic, ...event }, i) => builder.add(topic, { id: `e${i}`, ...event }));
  return builder.build(rest);
}

function promise(
  promiseId: string,
  sequence: number,
  verdict: PromiseEventData['verdict'],
  more: Partial<PromiseEventData> = {},
) {
  const data = { promiseId, sequence, guarantee: 'g', verdict, ...more };
  return { topic: TOPICS.promises, type: `makegood.promise.${verdict ?? 'opened'}`, data };
}

function line(lineId: string, action: string, amountMinor: number, kind = 'refund') {
  const data = { lineId, guarantee: 'g', amount: { amountMinor, currency: 'BRL' } };
  return { topic: TOPICS.compensations, type: `makegood.${kind}.${action}`, data };
}

describe('ReportBuilder', () => {
  it('counts a promise by its highest sequence, however often and in whatever order it was read', () => {
    const events = [
      promise('a', 1, null),
      promise('a', 2, 'breached'),
      promise('a', 3, 'breached', { completedAt: '2026-01-01T00:00:00.000Z' }),
      promise('b', 1, null),
      promise('c', 1, null),
      promise('c', 2, 'kept'),
      promise('d', 1, null),
      promise('d', 2, 'cancelled'),
    ];
    const expected = {
      g: { opened: 4, kept: 1, breached: 1, completedLate: 1, excused: 0, cancelled: 1, open: 1, retracted: 0 },
    };
    expect(build(events).promises).toEqual(expected);
    expect(build([...events, ...events].reverse()).promises).toEqual(expected);
  });

  it('counts as retracted a promise whose announced breach was overturned, beside its verdict', () => {
    const events = [
      promise('a', 2, 'breached'),
      promise('a', 3, 'kept'),
      promise('b', 2, 'breached'),
      promise('b', 3, 'kept'),
      promise('b', 4, 'breached'),
    ];
    expect(build(events).promises['g']).toMatchObject({ opened: 2, kept: 1, breached: 1, retracted: 1 });
    expect(build([...events].reverse()).promises['g']).toMatchObject({ opened: 2, kept: 1, breached: 1, retracted: 1 });
  });

  it('adds up the lines that stand, each once', () => {
    const events = [
      line('1', 'requested', 1_290),
      line('2', 'requested', 500),
      line('2', 'cancelled', 500),
      line('1', 'requested', 1_290),
      line('3', 'requested', 10),
    ];
    const expected = [{ guarantee: 'g', kind: 'refund', currency: 'BRL', count: 2, amountMinor: 1_300 }];
    expect(build(events).compensations).toEqual(expected);
    expect(build([...events].reverse()).compensations).toEqual(expected);
  });

  it('keeps a line that finance was asked to stop, and does not take notices for lines', () => {
    const notice = { topic: TOPICS.compensations, type: 'makegood.compensation.settled', data: { lineId: '1' } };
    expect(build([line('1', 'requested', 7), line('1', 'recall-requested', 7), notice]).compensations).toMatchObject([
      { count: 1, amountMinor: 7 },
    ]);
  });

  it('counts points in their own unit and words without one', () => {
    const points = {
      topic: TOPICS.compensations,
      type: 'makegood.points.requested',
      data: { lineId: 'p', guarantee: 'g', points: 500 },
    };
    const apology = {
      topic: TOPICS.compensations,
      type: 'makegood.apology.requested',
      data: { lineId: 'a', guarantee: 'g' },
    };
    expect(build([points, apology]).compensations).toEqual([
      { guarantee: 'g', kind: 'apology', currency: null, count: 1, amountMinor: 0 },
      { guarantee: 'g', kind: 'points', currency: 'XPT', count: 1, amountMinor: 500 },
    ]);
  });

  it('counts a dead letter once, though the log holds it twice', () => {
    const letter = { topic: TOPICS.deadLetters, type: 'makegood.letter.dead', data: {}, id: 'same' };
    expect(build([letter, letter]).deadLetters).toBe(1);
  });
});

describe('reportLines', () => {
  it('fits 80 columns with real figures', () => {
    const lines = reportLines(
      {
        events: 58_581,
        elapsedMs: 41_000,
        deadLetters: 0,
        ledger: { balanced: true, entries: 7_044 },
        promises: {
          'order-delivery': {
            opened: 30_152,
            kept: 25_374,
            breached: 3_536,
            completedLate: 1_807,
            excused: 0,
            cancelled: 1_242,
            open: 0,
            retracted: 0,
          },
        },
        compensations: [
          { guarantee: 'order-delivery', kind: 'refund', currency: 'BRL', count: 3_522, amountMinor: 8_865_845 },
        ],
      },
      { intake: 180, 'sla-timer': 210, compensation: 150, loyalty: 140 },
    );
    expect(lines.filter((text) => text.length > 80)).toEqual([]);
    expect(lines.join('\n')).toMatch(/order-delivery +30,152 +25,374 +3,536 +1,807 +0 +1,242 +0 +0\n/);
    expect(lines.join('\n')).toContain('88658.45 BRL');
  });

  it('does not hide what went wrong', () => {
    const text = reportLines(
      {
        events: 0,
        elapsedMs: 0,
        deadLetters: 2,
        ledger: { balanced: false, entries: 1 },
        promises: {},
        compensations: [],
      },
      {},
    ).join('\n');
    expect(text).toContain('✗ LEDGER NOT BALANCED');
    expect(text).toContain('✗ 2 dead letters');
  });
});
