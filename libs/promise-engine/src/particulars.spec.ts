import { accepted, fact, guaranteeText, run, says, termsOf, tick } from './testing.spec-kit.js';

/** Opened 08:00, due 10:00, allowance five minutes, correction seven days. */
const opening = says(accepted('08:00', '10:00', { id: 'open' }));
const delivered = (time: string, more = {}) => says(fact('parcel.delivered', time, more));
const kinds = (said: readonly string[]) => said.map((each) => each.split('@')[0]);

describe('bands of lateness', () => {
  const terms = termsOf(guaranteeText({ more: 'bands: [PT1H, PT3H]' }));

  it('are told once the word of an earlier completion could have come', () => {
    const outcome = run(terms, [opening, tick('13:05:00.001')]);
    expect(outcome.said).toEqual([
      'opened@08:00:00.000',
      'overdue@10:00:00.000',
      'breached@10:05:00.000',
      'band-crossed@11:05:00.000',
      'band-crossed@13:05:00.000',
    ]);
    expect(outcome.announcements.slice(2).map(({ data }) => [data.band, data.lateSoFarMs])).toEqual([
      ['0', 1],
      ['1', 3_600_001],
      ['2', 10_800_001],
    ]);
  });

  it('stop at completion and at a cancellation', () => {
    expect(kinds(run(terms, [opening, tick('10:06'), delivered('10:59'), tick('14:00')]).said).at(-1)).toBe(
      'completed-late',
    );
    const withdrawn = says(fact('parcel.withdrawn', '11:00'));
    expect(kinds(run(terms, [opening, tick('10:06'), withdrawn, tick('14:00')]).said)).toEqual([
      'opened',
      'overdue',
      'breached',
    ]);
  });
});

describe('several pieces under one promise', () => {
  const terms = termsOf(
    guaranteeText({ opens: 'count: "3"' }).replace(
      'kept: [{ on: parcel.delivered }]',
      'kept: [{ on: parcel.delivered, piece: event.data.piece }]',
    ),
  );
  const piece = (time: string, name: string) => delivered(time, { data: { piece: name } });

  it('is kept when the last is there, each counted once', () => {
    const outcome = run(terms, [
      opening,
      piece('08:30', 'a'),
      piece('08:40', 'a'),
      piece('09:00', 'b'),
      piece('10:00', 'c'),
    ]);
    expect(outcome.said).toEqual(['opened@08:00:00.000', 'kept@10:00:00.000']);
  });

  it('tells the share of the late ones', () => {
    const outcome = run(terms, [
      opening,
      piece('08:30', 'a'),
      piece('10:00:00.001', 'b'),
      tick('10:06'),
      piece('11:00', 'c'),
    ]);
    expect(outcome.announcements.at(-1)?.data).toMatchObject({
      state: 'completed-late',
      latenessMs: 3_600_000,
      pieces: { count: 3, completed: 3, late: 2 },
    });
  });
});

describe('owners', () => {
  const terms = termsOf(
    guaranteeText({
      opens: 'owner: event.data.customer',
      keep: 'owned: [{ on: parcel.handed-over, owner: event.data.team }]',
    }),
  );

  it('change, the latest by its time, and are told', () => {
    const handed = (time: string, team: string, received = time) =>
      says(fact('parcel.handed-over', time, { data: { team }, received }));
    const outcome = run(terms, [
      opening,
      handed('09:00', 'north'),
      handed('08:30', 'south', '09:10'),
      handed('09:20', 'west'),
    ]);
    expect(outcome.announcements.map(({ kind, data }) => `${kind} ${data.owner}`)).toEqual([
      'opened C-1',
      'owner-changed north',
      'owner-changed west',
    ]);
  });
});

describe('what is learned after the opening', () => {
  const terms = termsOf(guaranteeText({ keep: 'learned: [{ on: parcel.cause, facts: { cause: event.data.cause } }]' }));

  it('travels with the verdict, the latest by its time', () => {
    const cause = (time: string, text: string) =>
      says(fact('parcel.cause', time, { data: { cause: text }, received: '09:50' }));
    const outcome = run(terms, [opening, cause('09:30', 'storm'), cause('09:00', 'traffic'), tick('10:06')]);
    expect(outcome.announcements.at(-1)?.data.facts).toEqual({ cause: 'storm' });
  });
});

describe('an opening learned of too late', () => {
  const terms = termsOf(guaranteeText({ more: 'openWithin: PT1H' }));

  it.each([
    ['09:00', undefined],
    ['09:00:00.001', ['OPENED_TOO_LATE']],
  ])('received %s: %p', (received, flags) => {
    const { announcements } = run(terms, [says(accepted('08:00', '10:00', { received }))]);
    expect(announcements[0]?.data.flags).toEqual(flags);
  });
});
