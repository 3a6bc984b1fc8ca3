import { breachIdOf, formatInstant } from '#libs/kernel';
import { TOPICS, type CloudEvent } from '#libs/contracts';
import { kindsOf, type TimerWorld } from './timer-world.js';
import { HOUR_MS, kinds, last, MINUTE_MS, promiseOf, Traps, type At } from './traps.js';

/** The traps of repetition and late news (sla-engine-pains.md, 4.4), each under its id, on real parts. */
let traps: Traps;
let world: TimerWorld;
beforeAll(async () => {
  traps = await Traps.set();
  world = traps.world;
}, 120_000);
afterAll(() => world.close(), 60_000);

describe('DUP: the same again', () => {
  it('DUP-1: one event three times, once after a rebalance, is one promise and one verdict', async () => {
    const at = await traps.morning();
    const opening = traps.opened('dup-1', at(9), at(10));
    const done = traps.fact('trap.done', 'dup-1', at(9, 30));
    await world.facts([opening, opening, done, done], at(9, 30));
    await world.ticks(at(9, 31), at(9, 32));
    await world.drained();
    await world.start('sla-timer', 'second');
    await world.facts([opening, done], at(9, 33));
    await world.ticks(at(9, 34), at(10, 40));
    await world.drained(['sla-timer', 'compensation']);
    expect(kindsOf(await world.said('dup-1'))).toEqual(['opened', 'kept']);
    await world.kill('second');
  }, 120_000);

  it('DUP-2: the same id with other content: the first counts, the second waits for somebody', async () => {
    const at = await traps.morning();
    const done = traps.fact('trap.done', 'dup-2', at(9, 30));
    await world.facts([traps.opened('dup-2', at(9), at(10)), done], at(9, 30));
    await world.facts([{ ...done, data: { other: true } }], at(9, 31));
    await world.ticks(at(9, 32), at(10, 40));
    await world.drained();
    expect(last(await world.said('dup-2'))).toMatchObject({ verdict: 'kept', completedAt: formatInstant(at(9, 30)) });
    const letters = (await world.topic(TOPICS.deadLetters)).filter(({ subject }) => subject === 'dup-2');
    expect(letters.map(({ data }) => data['reason'])).toEqual(['CONFLICTING_DUPLICATE']);
  }, 180_000);

  it('DUP-3: another scan of the same fact: the earliest counts, whichever came first', async () => {
    const at = await traps.morning();
    const scans = [traps.fact('trap.done', 'dup-3', at(10, 20)), traps.fact('trap.done', 'dup-3', at(9, 50))];
    await world.facts([traps.opened('dup-3', at(9), at(10)), scans[0] as CloudEvent], at(10, 20));
    await world.ticks(at(10, 21), at(10, 25));
    await world.drained();
    expect(last(await world.said('dup-3'))).toMatchObject({ verdict: 'breached', latenessMs: 20 * MINUTE_MS });
    await world.facts([scans[1] as CloudEvent, traps.fact('trap.done', 'dup-3', at(11))], at(10, 30));
    await world.ticks(at(10, 31), at(10, 40));
    await world.drained();
    expect(last(await world.said('dup-3'))).toMatchObject({ verdict: 'kept', completedAt: formatInstant(at(9, 50)) });
  }, 180_000);

  it('DUP-4: three instances at once breach once and pay once', async () => {
    const at = await traps.morning();
    const subjects = Array.from({ length: 60 }, (_, i) => `dup-4-${i}`);
    await Promise.all([world.start('sla-timer', 'second'), world.start('sla-timer', 'third')]);
    await world.facts(
      subjects.map((subject) => traps.opened(subject, at(9), at(10))),
      at(9),
    );
    await world.ticks(at(9, 1), at(10, 40));
    await world.drained(['sla-timer', 'compensation']);
    const breaches = (await world.topic(TOPICS.promises)).filter(
      ({ type, subject }) => type === 'makegood.promise.breached' && subject.startsWith('dup-4-'),
    );
    expect(new Set(breaches.map(({ id }) => id)).size).toBe(subjects.length);
    const refunds = (await world.topic(TOPICS.compensations)).filter(
      ({ type, subject }) => type === 'makegood.refund.requested' && subject.startsWith('dup-4-'),
    );
    expect(new Set(refunds.map(({ data }) => data['idempotencyKey'])).size).toBe(subjects.length);
    await Promise.all([world.kill('second'), world.kill('third')]);
  }, 120_000);
});

describe('LATE: news after the verdict', () => {
  /** Breached at 10:05. */
  async function missed(subject: string): Promise<At> {
    const at = await traps.morning();
    await world.facts([traps.opened(subject, at(9), at(10))], at(9));
    await world.ticks(at(9, 1), at(10, 10));
    await world.drained();
    expect(kinds(await traps.lines(subject))).toEqual(['refund.requested']);
    return at;
  }
  const kept = async (): Promise<number> => {
    const report = await world.json<{ attainment: { kept: number }[] }>('sla-timer', '/attainment?guarantee=trap');
    return report.attainment[0]?.kept ?? 0;
  };

  it('LATE-1: kept after all: retracted, the refund cancelled, the period corrected', async () => {
    const at = await missed('late-1');
    const before = await kept();
    await world.facts([traps.fact('trap.done', 'late-1', at(9, 58))], at(10, 30));
    await world.ticks(at(10, 31), at(10, 40));
    await world.drained();
    const said = await world.said('late-1');
    expect(kindsOf(said)).toEqual(['opened', 'overdue', 'breached', 'retracted']);
    expect(last(said).breachId).toBe(breachIdOf(promiseOf('late-1')));
    expect(kinds(await traps.lines('late-1'))).toEqual(['refund.requested', 'refund.cancelled']);
    expect(await kept()).toBe(before + 1);
  }, 180_000);

  it('LATE-2: the refund was paid already: retracted, and the customer keeps it', async () => {
    const at = await missed('late-2');
    const [line] = await traps.lines('late-2');
    const lineId = line?.data.lineId ?? '';
    const data = { lineId, reference: 'bank-1', paidAt: formatInstant(at(10, 20)) };
    await world.settlement(
      traps.fact('makegood.settlement.paid', lineId, at(10, 20), { source: 'finance', data }),
      lineId,
      at(10, 20),
    );
    await world.drained();
    await world.facts([traps.fact('trap.done', 'late-2', at(9, 58))], at(10, 30));
    await world.ticks(at(10, 31), at(10, 40));
    await world.drained();
    expect(kindsOf(await world.said('late-2')).at(-1)).toBe('retracted');
    const told = kinds(await traps.lines('late-2'));
    expect(told.filter((kind) => kind === 'refund.requested')).toHaveLength(1);
    expect(told).not.toContain('refund.cancelled');
  }, 180_000);

  it('LATE-3: after the correction window it is recorded, counted and changes nothing', async () => {
    const at = await missed('late-3');
    await world.ticks(at(10, 11), at(10 + 8 * 24), { everyMs: HOUR_MS });
    await world.facts([traps.fact('trap.done', 'late-3', at(9, 58))], at(10 + 8 * 24, 0, 1));
    await world.ticks(at(10 + 8 * 24, 1), at(10 + 8 * 24, 5));
    await world.drained();
    expect(kindsOf(await world.said('late-3'))).not.toContain('retracted');
    const detail = await world.json<{
      promise: { verdict: string };
      facts: { type: string }[];
    }>('sla-timer', `/promises/${promiseOf('late-3')}`);
    expect(detail.promise.verdict).toBe('breached');
    expect(detail.facts.map(({ type }) => type)).toContain('trap.done');
  }, 180_000);

  it('LATE-4: the scan that took the breach back is itself void: the same breach again, one payment', async () => {
    const at = await missed('late-4');
    const scan = traps.fact('trap.done', 'late-4', at(9, 58));
    await world.facts([scan], at(10, 30));
    await world.ticks(at(10, 31), at(10, 40));
    await world.facts(
      [traps.fact('trap.scan.voided', 'late-4', at(10, 45), { data: { scanId: scan.id } })],
      at(10, 45),
    );
    await world.ticks(at(10, 46), at(10, 50));
    await world.drained();
    const said = await world.said('late-4');
    expect(kindsOf(said)).toEqual(['opened', 'overdue', 'breached', 'retracted', 'reinstated']);
    expect(last(said).breachId).toBe(said[2]?.data.breachId);
    const told = kinds(await traps.lines('late-4'));
    const requested = told.filter((kind) => kind === 'refund.requested').length;
    const cancelled = told.filter((kind) => kind === 'refund.cancelled').length;
    expect(requested - cancelled).toBe(1);
  }, 180_000);
});
