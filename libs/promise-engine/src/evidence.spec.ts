import { BY_HAND_TYPE, takeLetter, newSubject, type Silence, type Terms } from './index.js';
import {
  accepted,
  at,
  changes,
  fact,
  guaranteeText,
  run,
  says,
  termsOf,
  tick,
  type Input,
} from './testing.spec-kit.js';

const opening = says(accepted('08:00', '10:00', { id: 'open' }));
const delivered = (time: string, more = {}) => says(fact('parcel.delivered', time, more));
const kinds = (said: readonly string[]) => said.map((each) => each.split('@')[0]);
const PROMISE = run(termsOf(guaranteeText()), [opening]).announcements[0]?.data.promiseId as string;

describe('silent sources', () => {
  const text = guaranteeText({
    opens: 'facts: { office: event.data.customer }',
    keep: 'sources: [{ source: carrier, by: event.data.customer }]\n  unknownAtMost: P7D\n  resumeGrace: PT10M',
  });
  const plain = termsOf(text);
  const silent = (from: string, until: string | null, by: string | null = null): Terms => {
    const silence: Silence = { source: 'carrier', by, fromMs: at(from), untilMs: until === null ? null : at(until) };
    return { ...plain, silences: [silence] };
  };

  it('IDLE-2: a miss is unknown while the source is silent; what it tells when it is back counts', () => {
    const outcome = run(plain, [
      opening,
      changes(silent('09:30', null), '09:30'),
      tick('10:06'),
      tick('14:00'),
      changes(silent('09:30', '15:00'), '15:00'),
      delivered('09:58', { received: '15:01' }),
      tick('16:00'),
    ]);
    expect(kinds(outcome.said)).toEqual(['opened', 'overdue', 'unknown', 'kept']);
  });

  it('is breached once the source has been back for allowance and grace', () => {
    const back = [
      opening,
      changes(silent('09:30', null), '09:30'),
      tick('10:06'),
      changes(silent('09:30', '15:00'), '15:00'),
    ];
    expect(kinds(run(plain, [...back, tick('15:15:00.000')]).said).at(-1)).toBe('unknown');
    expect(run(plain, [...back, tick('15:15:00.001')]).said.at(-1)).toBe('breached@15:15:00.000');
  });

  it('is breached after unknownAtMost, however silent the source', () => {
    const outcome = run(plain, [opening, changes(silent('09:30', null), '09:30'), tick('2026-06-08T10:05:00.001Z')]);
    expect(outcome.said.at(-1)).toBe('breached@2026-06-08T10:05:00.000');
  });

  it('only the voice that could tell holds a promise back', () => {
    const of = (by: string) => run(silent('09:30', null, by), [opening, tick('10:06')]).said.at(-1);
    expect([of('C-1'), of('C-2')]).toEqual(['unknown@10:05:00.000', 'breached@10:05:00.000']);
  });

  it('a silence that was over long before holds nothing', () => {
    expect(run(silent('08:00', '09:49'), [opening, tick('10:06')]).said.at(-1)).toBe('breached@10:05:00.000');
    expect(run(silent('08:00', '09:50:00.001'), [opening, tick('10:06')]).said.slice(-2)).toEqual([
      'unknown@10:05:00.000',
      'breached@10:05:00.001',
    ]);
  });
});

describe('dead letters of the subject', () => {
  const terms = termsOf(guaranteeText({ correction: 'PT2H', completionLimit: 'PT3H' }));
  const letter = (status: 'open' | 'replayed' | 'discarded', time: string): Input => ({ letter: status, at: time });
  const scan = delivered('09:58', { received: '10:30' });

  it('are remembered once', () => {
    const state = takeLetter(newSubject('P-1'), { id: 'L', status: 'open' }, at('09:00'));
    expect(takeLetter(state, { id: 'L', status: 'open' }, at('09:30')).letters).toEqual(state.letters);
    const closed = takeLetter(state, { id: 'L', status: 'discarded' }, at('12:00'));
    expect(closed.letters).toEqual([{ id: 'L', openedAtMs: at('09:00'), closedAtMs: at('12:00') }]);
  });

  it('hold the verdict until they are decided', () => {
    const held = [opening, letter('open', '09:00'), tick('10:06'), tick('23:00')];
    expect(kinds(run(terms, held).said)).toEqual(['opened', 'overdue', 'unknown']);
    const discarded = [...held, letter('discarded', '23:30'), tick('23:31')];
    expect(run(terms, discarded).said.at(-1)).toBe('breached@23:30:00.000');
    const replayed = [
      ...held,
      says(fact('parcel.delivered', '09:58', { received: '09:00' })),
      letter('replayed', '23:30'),
    ];
    expect(kinds(run(terms, [...replayed, tick('23:31')]).said)).toEqual(['opened', 'overdue', 'unknown', 'kept']);
  });

  it('hold the verdict seven days at most', () => {
    const held = [opening, letter('open', '09:00'), tick('2026-06-08T10:05:00.001Z')];
    expect(run(terms, held).said.at(-1)).toBe('breached@2026-06-08T10:05:00.000');
  });

  it('keep a breach open beyond its correction window: what they hold was received within it', () => {
    const held = [opening, tick('10:06'), letter('open', '10:30'), tick('20:00')];
    expect(kinds(run(terms, held).said)).toEqual(['opened', 'overdue', 'breached']);
    const replayed = [...held, scan, letter('replayed', '20:01'), tick('20:02')];
    expect(run(terms, replayed).said.slice(-2)).toEqual(['retracted@20:00:00.000', 'finalized@20:01:00.000']);
    const clean = run(terms, [opening, tick('10:06'), scan, tick('20:02')]).announcements.at(-1)?.data;
    expect(run(terms, replayed).announcements.at(-1)?.data.verdict).toBe(clean?.verdict);
  });

  it('keep it open seven days at most, and not when they come after its end', () => {
    const open = [opening, tick('10:06'), letter('open', '10:30')];
    expect(run(terms, [...open, tick('2026-06-08T13:00:00.001Z')]).said.at(-1)).toBe(
      'finalized@2026-06-08T13:00:00.000',
    );
    expect(run(terms, [...open, tick('2026-06-08T13:00:00.000Z')]).said.at(-1)).toBe('breached@10:05:00.000');
    const late = [opening, tick('10:06'), tick('13:01'), letter('open', '13:02'), tick('14:00')];
    expect(run(terms, late).said.at(-1)).toBe('finalized@13:00:00.000');
  });

  it('that are discarded let it be final at once', () => {
    const held = [opening, tick('10:06'), letter('open', '10:30'), tick('20:00'), letter('discarded', '20:01')];
    expect(run(terms, [...held, tick('20:02')]).said.at(-1)).toBe('finalized@20:01:00.000');
  });
});

describe('revocation', () => {
  const terms = termsOf(guaranteeText({ keep: 'revoked: [{ on: scan.voided, of: event.data.scan }]' }));
  const scan = delivered('09:30', { id: 'scan-1' });
  const voided = (time: string, of = 'scan-1', more = {}) =>
    says(fact('scan.voided', time, { ...more, data: { scan: of } }));

  it('takes a fact back, also one that comes after it', () => {
    expect(
      run(terms, [opening, scan, tick('10:06'), voided('11:00'), tick('11:01')]).announcements.at(-1)?.data.verdict,
    ).toBe('breached');
    expect(kinds(run(terms, [opening, voided('09:00'), scan, tick('10:06')]).said)).toEqual([
      'opened',
      'overdue',
      'breached',
    ]);
  });

  it('cannot be revoked itself', () => {
    const outcome = run(terms, [
      opening,
      scan,
      voided('09:40', 'scan-1', { id: 'void-1' }),
      voided('09:50', 'void-1'),
      tick('10:06'),
    ]);
    expect(outcome.announcements.at(-1)?.data.verdict).toBe('breached');
  });

  it('LATE-4: breached, retracted by a scan, reinstated when the scan is voided: one id, sequences dense', () => {
    const late = delivered('09:58', { id: 'scan-1', received: '10:30' });
    const outcome = run(terms, [opening, tick('10:06'), late, voided('11:00')]);
    expect(kinds(outcome.said)).toEqual(['opened', 'overdue', 'breached', 'retracted', 'reinstated']);
    expect(new Set(outcome.announcements.slice(2).map(({ data }) => data.breachId)).size).toBe(1);
  });

  it('counts only when received within the window', () => {
    const late = (time: string) =>
      run(terms, [opening, scan, tick('10:06'), voided(time), tick('2026-06-08T11:00:00Z')]).announcements.at(-1)?.data
        .verdict;
    // Kept: the window ends seven days after due and allowance.
    expect([late('2026-06-08T10:05:00.000Z'), late('2026-06-08T10:05:00.001Z')]).toEqual(['breached', 'kept']);
  });

  it('of the opening takes the promise back', () => {
    const outcome = run(terms, [opening, voided('08:30', 'open')]);
    expect(kinds(outcome.said)).toEqual(['opened', 'cancelled']);
    expect(outcome.announcements[1]?.data.reason).toBe('superseded');
  });
});

describe('a source that corrects itself', () => {
  const terms = termsOf(guaranteeText());
  const first = delivered('10:30', { id: 'scan' });
  const second = delivered('09:30', { id: 'scan', revision: 1, received: '11:00' });

  it('by a higher revision takes the old fact back and tells the new, in whatever order they come', () => {
    for (const inputs of [
      [first, second],
      [second, first],
    ])
      expect(run(terms, [opening, ...inputs, tick('12:00')]).announcements.at(-1)?.data.verdict).toBe('kept');
  });

  it('too late changes nothing', () => {
    const late = delivered('09:30', { id: 'scan', revision: 1, received: '2026-06-08T10:05:00.001Z' });
    expect(run(terms, [opening, first, tick('10:06'), late]).announcements.at(-1)?.data.latenessMs).toBe(1_800_000);
  });
});

describe('facts and decisions by hand', () => {
  const terms = termsOf(guaranteeText());
  const byHand = (time: string, as: string, more: Record<string, unknown> = {}, received = time) =>
    says(
      fact(BY_HAND_TYPE, time, { received, data: { promiseId: PROMISE, as, reason: 'seen', by: 'M. Roth', ...more } }),
    );
  const end = (...inputs: Parameters<typeof run>[1]) =>
    run(terms, [opening, ...inputs, tick('12:00')]).announcements.at(-1)?.data;

  it.each([
    ['kept', {}, 'kept'],
    ['failed', {}, 'breached'],
    ['cancelled', {}, 'cancelled'],
    ['excused', { code: 'storm' }, 'excused'],
  ])('%s', (as, more, verdict) => expect(end(byHand('09:30', as, more))?.verdict).toBe(verdict));

  it('take back a fact of any source, for this promise', () => {
    expect(end(delivered('09:30', { id: 'scan' }), byHand('09:40', 'revoked', { of: 'scan' }))?.verdict).toBe(
      'breached',
    );
  });

  it('decide what nobody knows, the latest word counting', () => {
    expect(end(byHand('11:00', 'decided', { verdict: 'kept' }))?.verdict).toBe('kept');
    expect(
      end(byHand('11:00', 'decided', { verdict: 'kept' }), byHand('11:30', 'decided', { verdict: 'excused' }))?.verdict,
    ).toBe('excused');
  });

  it('about another promise say nothing of this one', () => {
    expect(end(byHand('09:30', 'kept', { promiseId: '00000000-0000-5000-8000-000000000000' }))?.verdict).toBe(
      'breached',
    );
  });

  it('an acknowledgement changes nothing', () => {
    expect(kinds(run(terms, [opening, byHand('09:30', 'acknowledged'), delivered('09:45')]).said)).toEqual([
      'opened',
      'kept',
    ]);
  });
});
