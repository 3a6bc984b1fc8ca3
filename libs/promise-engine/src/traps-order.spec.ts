import { effectiveTimeMs } from './index.js';
import { accepted, at, fact, guaranteeText, run, says, termsOf, tick } from './testing.spec-kit.js';

/** Traps of skew, late firing and races (section 4.4): due 10:00, allowance five minutes; others stand in decide.spec.ts. */
const terms = termsOf(guaranteeText());
const opening = says(accepted('08:00', '10:00', { id: 'open' }));
const last = (...inputs: Parameters<typeof run>[1]) => run(terms, [opening, ...inputs]).announcements.at(-1)?.data;

describe('skew', () => {
  it('SKEW-1: a clock that runs ahead counts as of receipt, and is flagged', () => {
    const data = last(says(fact('parcel.delivered', '10:06', { received: '09:59:10' })));
    expect([data?.verdict, data?.completedAt]).toEqual(['kept', '2026-06-01T09:59:10.000Z']);
    expect(data?.evidence.at(-1)?.flag).toBe('CLOCK_SKEW');
  });

  it('within the tolerance it is not worth a flag', () => {
    const data = last(says(fact('parcel.delivered', '10:01:10', { received: '09:59:10' })));
    expect([data?.verdict, data?.evidence.at(-1)?.flag]).toEqual(['kept', undefined]);
  });

  it('SKEW-2: a clock that runs behind is believed within the allowance', () => {
    expect(last(tick('10:03'), says(fact('parcel.delivered', '09:58', { received: '10:04' })))?.verdict).toBe('kept');
  });

  it('FUT-1: a fact more than a day ahead of its receipt counts as none', () => {
    const received = at('09:00');
    const day = 24 * 3_600_000;
    expect([effectiveTimeMs(received + day, received), effectiveTimeMs(received + day + 1, received)]).toEqual([
      received,
      null,
    ]);
  });
});

describe('late firing and races', () => {
  it('DOWN-1: a backlog read past due before any verdict breaches nothing', () => {
    const outcome = run(terms, [opening, says(fact('parcel.delivered', '09:59:30')), tick('10:40')]);
    expect(outcome.said).toEqual(['opened@08:00:00.000', 'kept@09:59:30.000']);
  });

  it('DOWN-2: lateness is that of the fact, not of the detection', () => {
    const data = last(says(fact('parcel.delivered', '10:05')), tick('10:40'));
    expect([data?.state, data?.latenessMs, data?.decidedAt]).toEqual([
      'completed-late',
      300_000,
      '2026-06-01T10:05:00.000Z',
    ]);
  });

  it('POLL-1: done between two looks, two minutes late, is missed by two minutes', () => {
    expect(last(tick('09:59'), says(fact('parcel.delivered', '10:02')), tick('10:06'))?.latenessMs).toBe(120_000);
  });

  it('RACE-1: timer first or fact first, the end is the same', () => {
    const delivered = says(fact('parcel.delivered', '09:59:59.999', { id: 'd', received: '10:05:00.001' }));
    const timer = tick('10:05:00.001');
    const ends = [
      [timer, delivered],
      [delivered, timer],
    ].map((inputs) => last(...inputs));
    expect(ends.map((data) => [data?.verdict, data?.completedAt])).toEqual([
      ['kept', '2026-06-01T09:59:59.999Z'],
      ['kept', '2026-06-01T09:59:59.999Z'],
    ]);
  });

  it('POL-4: without a target there is no promise', () => {
    const low = termsOf(
      guaranteeText({ due: '[{ when: event.data.product == "none", within: PT1H }, { none: true }]' }),
    );
    expect(run(low, [opening, tick('2026-06-02T00:00:00Z')]).said).toEqual([]);
  });
});
