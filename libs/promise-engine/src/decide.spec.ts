import { accepted, at, fact, guaranteeText, run, says, termsOf, tick } from './testing.spec-kit.js';

const terms = termsOf(guaranteeText());
const opening = accepted('08:00', '10:00', { id: 'open' });

describe('a promise from opening to its end', () => {
  it('is kept by a fact in time, at once, and closes after the correction window', () => {
    const { said, announcements } = run(terms, [
      says(opening),
      says(fact('parcel.delivered', '09:30')),
      tick('09:31'),
      tick('2026-06-08T10:05:00.001Z'),
    ]);
    expect(said).toEqual(['opened@08:00:00.000', 'kept@09:30:00.000', 'finalized@2026-06-08T10:05:00.000']);
    expect(announcements.at(-1)?.data).toMatchObject({
      state: 'final',
      verdict: 'kept',
      completedAt: '2026-06-01T09:30:00.000Z',
    });
  });

  it('EQ-1: kept at the very instant of due', () => {
    const { announcements } = run(terms, [says(opening), says(fact('parcel.delivered', '10:00:00.000'))]);
    expect(announcements.at(-1)?.data).toMatchObject({ state: 'kept', verdict: 'kept' });
  });

  it('EQ-2: one millisecond after due is missed, by exactly that', () => {
    const { said, announcements } = run(terms, [
      says(opening),
      says(fact('parcel.delivered', '10:00:00.001')),
      tick('10:05:00.001'),
    ]);
    expect(said).toEqual([
      'opened@08:00:00.000',
      'overdue@10:00:00.000',
      'breached@10:05:00.000',
      'completed-late@10:05:00.000',
    ]);
    expect(announcements.at(-1)?.data).toMatchObject({ state: 'completed-late', verdict: 'breached', latenessMs: 1 });
    expect(announcements.at(-2)?.data).not.toHaveProperty('latenessMs');
  });

  it('does not breach at the tick of due plus allowance itself, but after it', () => {
    expect(run(terms, [says(opening), tick('10:05:00.000')]).said.at(-1)).toBe('overdue@10:00:00.000');
    expect(run(terms, [says(opening), tick('10:05:00.001')]).said.at(-1)).toBe('breached@10:05:00.000');
  });

  it('without allowance is never overdue: it breaches after due', () => {
    const strict = termsOf(guaranteeText({ allowance: 'PT0S' }));
    expect(run(strict, [says(opening), tick('10:00:00.000')]).said).toEqual(['opened@08:00:00.000']);
    expect(run(strict, [says(opening), tick('10:00:00.001')]).said).toEqual([
      'opened@08:00:00.000',
      'breached@10:00:00.000',
    ]);
  });

  it('waits for completion beyond the correction window, and is given up at the completion limit', () => {
    const long = run(terms, [
      says(opening),
      tick('10:06'),
      tick('2026-11-30T00:00:00Z'),
      says(fact('parcel.delivered', '2026-12-01T10:00:00Z')),
    ]);
    expect(long.said.slice(-2)).toEqual([
      'completed-late@2026-12-01T10:00:00.000',
      'finalized@2026-12-01T10:00:00.000',
    ]);
    expect(run(terms, [says(opening), tick('10:06'), tick('2027-06-01T10:00:00.001Z')]).said.at(-1)).toBe(
      'finalized@2027-06-01T10:00:00.000',
    );
  });

  it('CXL-1: cancelled before due, nothing fires later', () => {
    const { said } = run(terms, [says(opening), says(fact('parcel.withdrawn', '09:30')), tick('12:00')]);
    expect(said).toEqual(['opened@08:00:00.000', 'cancelled@09:30:00.000']);
  });

  it('of kept and cancelled at the same instant cancelled decides; the earlier of them otherwise', () => {
    const both = (kept: string, cancelled: string) =>
      run(terms, [
        says(opening),
        says(fact('parcel.delivered', kept)),
        says(fact('parcel.withdrawn', cancelled)),
      ]).announcements.at(-1)?.data.verdict;
    expect(both('09:30', '09:30')).toBe('cancelled');
    expect(both('09:29', '09:30')).toBe('kept');
    expect(both('09:31', '09:30')).toBe('cancelled');
  });

  it('a cancellation after due undoes no breach', () => {
    const { said } = run(terms, [says(opening), tick('10:06'), says(fact('parcel.withdrawn', '10:30')), tick('11:00')]);
    expect(said).toEqual(['opened@08:00:00.000', 'overdue@10:00:00.000', 'breached@10:05:00.000']);
  });
});

describe('facts out of order', () => {
  it('ORD-1: a delivery before its acceptance waits; then opened and kept in one go', () => {
    const { said } = run(terms, [
      says(fact('parcel.delivered', '09:00')),
      says(accepted('08:00', '10:00', { received: '09:10' })),
      tick('11:00'),
    ]);
    expect(said).toEqual(['opened@09:10:00.000', 'kept@09:10:00.000']);
  });

  it('ORD-2: an orphan expires after 14 days', () => {
    expect(
      run(terms, [says(fact('parcel.delivered', '09:00')), tick('2026-06-15T09:00:00Z')]).state?.facts,
    ).toHaveLength(1);
    expect(
      run(terms, [says(fact('parcel.delivered', '09:00')), tick('2026-06-15T09:00:00.001Z')]).state?.facts,
    ).toHaveLength(0);
  });

  it('an opening that nobody covers marks its subject, and later facts are dropped', () => {
    const { state, said } = run(terms, [
      says(accepted('08:00', '10:00', { product: 'letter' })),
      says(fact('parcel.delivered', '11:00')),
      tick('12:00'),
    ]);
    expect([said, state?.facts]).toEqual([[], []]);
  });

  it('LATE-1: news within the window takes a breach back, with the same breach id', () => {
    const { said, announcements } = run(terms, [
      says(opening),
      tick('10:06'),
      says(fact('parcel.delivered', '09:58', { received: '10:30' })),
    ]);
    expect(said).toEqual([
      'opened@08:00:00.000',
      'overdue@10:00:00.000',
      'breached@10:05:00.000',
      'retracted@10:30:00.000',
    ]);
    const [, , breached, retracted] = announcements;
    expect(retracted?.data).toMatchObject({ state: 'retracted', verdict: 'kept', breachId: breached?.data.breachId });
  });

  it('LATE-3: news after the window changes nothing', () => {
    const late = fact('parcel.delivered', '09:58', { received: '2026-06-08T10:05:00.001Z' });
    const inTime = fact('parcel.delivered', '09:58', { received: '2026-06-08T10:05:00.000Z' });
    expect(run(terms, [says(opening), tick('10:06'), says(late)]).said.at(-1)).toBe('breached@10:05:00.000');
    expect(run(terms, [says(opening), tick('10:06'), says(inTime)]).said.at(-1)).toBe(
      'retracted@2026-06-08T10:05:00.000',
    );
  });

  it('WRN-3: opened when due has long passed: opened, then breached at the next tick, decided not before it was opened', () => {
    const { said } = run(terms, [
      tick('12:00'),
      says(accepted('08:00', '10:00', { received: '12:00' })),
      tick('12:00:00.250'),
    ]);
    expect(said).toEqual(['opened@12:00:00.000', 'overdue@12:00:00.000', 'breached@12:00:00.000']);
  });

  it('a fact close behind a late opening is heard before time is: no breach', () => {
    const { said } = run(terms, [
      tick('12:00'),
      says(accepted('08:00', '10:00', { received: '12:00' })),
      says(fact('parcel.delivered', '09:00', { received: '12:00:00.100' })),
      tick('12:01'),
    ]);
    expect(said).toEqual(['opened@12:00:00.000', 'kept@12:00:00.100']);
  });

  it('DOWN-2: two ticks far apart decide as many close ones would', () => {
    const delivered = says(fact('parcel.delivered', '10:07'));
    const many = run(terms, [says(opening), tick('10:00:00.250'), tick('10:05:00.250'), delivered, tick('10:40')]);
    const one = run(terms, [says(opening), tick('10:06'), delivered, tick('10:40')]);
    expect(one.announcements).toEqual(many.announcements);
  });
});

describe('repetitions and conflicts', () => {
  const delivered = fact('parcel.delivered', '09:30', { id: 'd', data: { a: 1, b: [1, { c: 2 }] } });

  it('DUP-1: the same event three times counts once', () => {
    expect(
      run(terms, [says(opening), says(delivered), says(opening), says(delivered), says(delivered)]).said,
    ).toHaveLength(2);
  });

  it('DUP-2: the same id with other content is refused, the first stands; members may come in another order', () => {
    const other = fact('parcel.delivered', '09:30', { id: 'd', data: { a: 2, b: [1, { c: 2 }] } });
    const same = fact('parcel.delivered', '09:30', { id: 'd', data: { b: [1, { c: 2 }], a: 1 } });
    expect(run(terms, [says(opening), says(delivered), says(other)]).refused).toEqual(['CONFLICTING_DUPLICATE']);
    expect(run(terms, [says(opening), says(delivered), says(same)]).refused).toEqual([]);
  });

  it('DUP-3: a second scan of the same fact: the earliest counts', () => {
    const { announcements } = run(terms, [
      says(opening),
      tick('10:06'),
      says(fact('parcel.delivered', '10:20')),
      says(fact('parcel.delivered', '10:10', { received: '10:30' })),
    ]);
    expect(announcements.at(-1)).toMatchObject({ kind: 'completed-late', data: { latenessMs: 10 * 60_000 } });
  });

  it('a higher revision takes back the old fact', () => {
    const wrong = fact('parcel.delivered', '10:20', { id: 'd' });
    const right = fact('parcel.delivered', '09:50', { id: 'd', revision: 1, received: '10:30' });
    expect(run(terms, [says(opening), tick('10:06'), says(wrong), says(right)]).said.at(-1)).toBe(
      'retracted@10:30:00.000',
    );
  });

  it('the 257th fact of a subject is refused', () => {
    const scans = Array.from({ length: 257 }, () => says(fact('parcel.delivered', '10:20')));
    expect(run(terms, [says(opening), ...scans]).refused).toEqual(['TOO_MANY_FACTS', 'TOO_MANY_FACTS']);
  });
});

describe('announce: consequences', () => {
  const quiet = termsOf(guaranteeText({ announce: 'consequences' }));
  it('says nothing of a promise that is kept', () => {
    expect(
      run(quiet, [says(opening), says(fact('parcel.delivered', '09:30')), tick('2026-06-09T00:00:00Z')]).said,
    ).toEqual([]);
  });
  it('says everything from the first breach on, counting from 1', () => {
    const { said, announcements } = run(quiet, [says(opening), tick('10:06'), says(fact('parcel.delivered', '11:00'))]);
    expect(said).toEqual(['breached@10:05:00.000', 'completed-late@11:00:00.000']);
    expect(announcements.map(({ data }) => data.sequence)).toEqual([1, 2]);
  });
});

it('SKEW-1: a source whose clock runs ahead counts as of the receipt, and is flagged', () => {
  const ahead = fact('parcel.delivered', '10:06', { received: '09:59:10' });
  const { announcements } = run(terms, [says(opening), says(ahead)]);
  expect(announcements.at(-1)?.data).toMatchObject({
    verdict: 'kept',
    completedAt: new Date(at('09:59:10')).toISOString(),
  });
  expect(announcements.at(-1)?.data.evidence.at(-1)).toMatchObject({ flag: 'CLOCK_SKEW' });
});
