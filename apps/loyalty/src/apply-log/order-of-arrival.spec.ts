import fc from 'fast-check';
import { daysFromMs, score } from '#libs/loyalty-model';
import { eventsOfDocument } from '../customer-document/model-events.js';
import { ENTRIES_KEPT, ENTRIES_MAX } from '../customer-document/summarise.js';
import {
  DAY_MS,
  lineEvent,
  newsOf,
  promiseEvent,
  SAMPLE_SIGNALS,
  settlementEvent,
  signalEvent,
  START_MS,
} from './events-for-tests.js';
import { feed, type Event } from './feed-for-tests.js';

/** A promise's whole life, with its lines, starting `startDays` after START_MS. */
function lifeOf(n: number, startDays: number, plot: number): Event[] {
  const promiseId = `00000000-0000-5000-8000-${String(n).padStart(12, '0')}`;
  const openedAtMs = START_MS + Math.round(startDays * DAY_MS);
  const dueAtMs = openedAtMs + DAY_MS;
  const decided = dueAtMs + DAY_MS / 4;
  const event = (kind: string, sequence: number, more: object): Event =>
    promiseEvent({
      promiseId,
      kind,
      sequence,
      openedAtMs,
      dueAtMs,
      decidedAtMs: decided + sequence * 1_000,
      ...more,
    } as never);
  const line = (type: string, lineSequence: number, more: object = {}): Event =>
    lineEvent({
      promiseId,
      lineId: `${n}/${type.split('.')[0]}`,
      type,
      lineSequence,
      decidedAtMs: decided + lineSequence * 1_000,
      ...more,
    });
  const begin = event('opened', 1, { decidedAtMs: openedAtMs });
  const miss = event('breached', 2, { state: 'breached', verdict: 'breached' });
  const late = event('completed-late', 3, {
    state: 'completed-late',
    verdict: 'breached',
    completedAtMs: dueAtMs + 2 * DAY_MS,
    decidedAtMs: dueAtMs + 2 * DAY_MS,
  });
  const plots: Event[][] = [
    [
      begin,
      event('kept', 2, { state: 'kept', verdict: 'kept', completedAtMs: dueAtMs - DAY_MS / 2, decidedAtMs: dueAtMs }),
    ],
    [begin, miss, line('refund.requested', 1), line('apology.requested', 1), late],
    [
      begin,
      miss,
      line('refund.requested', 1),
      event('retracted', 3, { state: 'retracted', verdict: 'kept', completedAtMs: dueAtMs }),
      line('refund.cancelled', 2),
    ],
    [
      begin,
      miss,
      event('excused', 3, { state: 'excused', verdict: 'excused' }),
      event('reinstated', 4, { state: 'breached', verdict: 'breached' }),
      line('voucher.requested', 1, { amount: { amountMinor: 900, currency: 'CNY' } }),
    ],
    [begin, miss, event('finalized', 3, { state: 'final', verdict: 'breached', decidedAtMs: decided + 30 * DAY_MS })],
    [begin, event('cancelled', 2, { state: 'cancelled', verdict: 'cancelled' })],
    [
      begin,
      event('rescheduled', 2, { dueAtMs: dueAtMs + DAY_MS, decidedAtMs: dueAtMs - DAY_MS / 2 }),
      event('kept', 3, { state: 'kept', verdict: 'kept', dueAtMs: dueAtMs + DAY_MS, completedAtMs: dueAtMs + DAY_MS }),
    ],
    [begin, miss, line('callback.requested', 1), settlementEvent('settled', decided + 5_000, `${n}/callback`)],
    [begin, miss, line('refund.requested', 1), settlementEvent('failed', decided + DAY_MS, `${n}/refund`)],
    signalsOf(n, openedAtMs),
  ];
  return plots[plot % plots.length] as Event[];
}

/** What a customer does and says, and a correction of it. */
function signalsOf(n: number, atMs: number): Event[] {
  const at = (days: number): number => atMs + days * DAY_MS;
  const order = { order: `o${n}`, amount: { amountMinor: 1_000 + n, currency: 'CNY' }, category: 'tea' };
  const answer = signalEvent('customer.feedback', at(3), { kind: 'nps', value: 3 }, `nps${n}`);
  return [
    signalEvent('customer.purchased', at(0), order),
    answer,
    { ...answer, revision: 1, data: { customer: 'c1', kind: 'nps', value: 9 } },
    signalEvent('customer.complained', at(4), { complaint: `c${n}` }),
    signalEvent('customer.contacted', at(5), { personal: true }),
    signalEvent('customer.updated', at(6), { timeZone: 'Asia/Shanghai', optOut: ['marketing'] }),
    ...(n % 2 === 0 ? [signalEvent('customer.refunded', at(7), { order: `o${n}` })] : []),
  ];
}

const lives = fc
  .array(fc.record({ startDays: fc.double({ min: 0, max: 200, noNaN: true }), plot: fc.nat(9) }), {
    minLength: 1,
    maxLength: 8,
  })
  .map((plans) => plans.flatMap(({ startDays, plot }, n) => lifeOf(n, startDays, plot)));

describe('the order in which a customer becomes known', () => {
  it('cannot be seen in what is known, nor in the score; neither can copies and batches', () => {
    const shuffled = lives.chain((events) =>
      fc.record({
        events: fc.constant(events),
        mixed: fc
          .subarray(events)
          .chain((copies) => fc.shuffledSubarray([...events, ...copies], { minLength: events.length + copies.length })),
        batch: fc.integer({ min: 1, max: 4 }),
      }),
    );
    fc.assert(
      fc.property(shuffled, ({ events, mixed, batch }) => {
        const straight = feed(events);
        const other = feed(mixed, (index) => index % batch === 0);
        expect(other.document).toEqual(straight.document);
        expect(other.view).toEqual(straight.view);
        const reread = other.final.take(newsOf(events[0] as Event), { from: 'any', offset: 0 });
        expect(reread).toEqual([]); // nothing new: nothing is told
      }),
      { numRuns: 60 },
    );
  });

  it('leaves the stepwise score equal to the whole history folded at once', () => {
    fc.assert(
      fc.property(lives, fc.integer({ min: 1, max: 5 }), (events, batch) => {
        const { standing, view } = feed(events, (index) => index % batch === 0 && index < events.length - 1);
        if (standing) expect(standing.components.score).toBeCloseTo(view.score, 9);
      }),
      { numRuns: 40 },
    );
  });

  it('writes the same bytes for the same log', () => {
    fc.assert(
      fc.property(lives, (events) => {
        const whole = JSON.stringify(feed(events).told);
        expect(JSON.stringify(feed(events, () => true).told)).toBe(whole);
      }),
      { numRuns: 40 },
    );
  });
});

describe('a customer of very many promises', () => {
  it('stays bounded, keeps its counts and, to the sixth digit, its score', () => {
    const events = Array.from({ length: ENTRIES_MAX + 150 }, (_, n) => lifeOf(n, n * 4, n % 11 === 0 ? 1 : 0)).flat();
    const { document, counts, standing } = feed(events);
    expect(Object.keys(document.promises).length).toBeLessThanOrEqual(ENTRIES_MAX);
    expect(Object.keys(document.promises).length).toBeGreaterThanOrEqual(ENTRIES_KEPT);
    expect(counts.kept + counts.missed).toBe(ENTRIES_MAX + 150);
    const everything = new Map<string, Parameters<typeof eventsOfDocument>[0]['promises'][string]>();
    for (const part of [events.slice(0, 1_000), events.slice(1_000)]) {
      for (const [id, known] of Object.entries(feed(part).document.promises))
        if (!everything.has(id)) everything.set(id, known);
    }
    const asOf = daysFromMs(document.asOfMs);
    const whole = eventsOfDocument(
      { ...document, summary: null, promises: Object.fromEntries(everything) },
      SAMPLE_SIGNALS.settings,
    );
    expect(everything.size).toBe(ENTRIES_MAX + 150);
    expect(standing?.components.score).toBeCloseTo(score(whole, asOf).score, 6);
  });

  it('ignores a copy of what is summarised', () => {
    const events = Array.from({ length: ENTRIES_MAX + 50 }, (_, n) => lifeOf(n, n * 4, n % 9 === 0 ? 1 : 0)).flat();
    const once = feed(events);
    expect(feed([...events, ...events.slice(0, 20)]).document).toEqual(once.document);
  });
});
