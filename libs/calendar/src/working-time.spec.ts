import fc from 'fast-check';
import { MINUTE_MS, oracleOf, situations, type Situation } from '../test/random-calendars.js';
import { SEGMENTS_MAX, type Interval } from './index.js';

const RUNS = { numRuns: 1_000 };
const STEPS_MAX = 8_000;
const iso = (ms: number | null): string => (ms === null ? 'null' : new Date(ms).toISOString());
const isPaused = (pauses: readonly Interval[], atMs: number): boolean =>
  pauses.some(({ fromMs, untilMs }) => atMs >= fromMs && atMs < untilMs);
const neededMinutes = fc.integer({ min: 1, max: 1_000 });
const someMs = fc.integer({ min: 0, max: 30 * 86_400_000 });

/** Goes a minute at a time until enough open minutes outside the pauses are behind; null after too many steps. */
function step({ terms, atMs, pauses }: Situation, minutes: number, forward: boolean): number | null {
  const isOpen = oracleOf(terms);
  let left = minutes;
  for (let i = 0; i < STEPS_MAX; i++) {
    const [edgeMs, minuteMs] = forward
      ? [atMs + i * MINUTE_MS, atMs + i * MINUTE_MS]
      : [atMs - i * MINUTE_MS, atMs - (i + 1) * MINUTE_MS];
    if (left === 0) return edgeMs;
    if (isOpen(minuteMs) && !isPaused(pauses, minuteMs)) left--;
  }
  return null;
}

describe('working time agrees with stepping through the minutes', () => {
  it('forwards, with pauses, holidays, changes of hours and of clocks', () => {
    let reached = 0;
    fc.assert(
      fc.property(situations, neededMinutes, (situation, minutes) => {
        const { calendar, atMs, pauses } = situation;
        const expected = step(situation, minutes, true);
        const found = calendar.addOpenMs(atMs, minutes * MINUTE_MS, pauses);
        if (expected === null) expect(found).toBeGreaterThanOrEqual(atMs + (STEPS_MAX - 1) * MINUTE_MS);
        else expect(iso(found)).toBe(iso(expected));
        reached += expected === null ? 0 : 1;
      }),
      RUNS,
    );
    expect(reached).toBeGreaterThan(100);
  });

  it('backwards', () => {
    fc.assert(
      fc.property(situations, neededMinutes, (situation, minutes) => {
        const { calendar, atMs, pauses } = situation;
        const expected = step(situation, minutes, false);
        const found = calendar.subtractOpenMs(atMs, minutes * MINUTE_MS, pauses);
        if (expected === null) expect(found).toBeLessThanOrEqual(atMs - (STEPS_MAX - 1) * MINUTE_MS);
        else expect(iso(found)).toBe(iso(expected));
      }),
      RUNS,
    );
  });

  it('in its segments, which are gapless and sum up', () => {
    fc.assert(
      fc.property(situations, fc.integer({ min: 1, max: 4_000 }), ({ terms, calendar, atMs, pauses }, minutes) => {
        const untilMs = atMs + minutes * MINUTE_MS;
        const segments = calendar.segments(atMs, untilMs, pauses);
        expect([segments[0]?.fromMs, segments.at(-1)?.untilMs]).toEqual([atMs, untilMs]);
        segments.slice(1).forEach(({ fromMs, kind }, i) => {
          expect([segments[i]?.untilMs, segments[i]?.kind === kind]).toEqual([fromMs, false]);
        });
        const isOpen = oracleOf(terms);
        for (const { fromMs, untilMs: endMs, kind } of segments) {
          for (const minuteMs of [fromMs, endMs - MINUTE_MS]) {
            const expected = !isOpen(minuteMs) ? 'closed' : isPaused(pauses, minuteMs) ? 'paused' : 'open';
            expect([iso(minuteMs), kind]).toEqual([iso(minuteMs), expected]);
            expect(calendar.isOpenAt(minuteMs)).toBe(expected !== 'closed');
          }
        }
        const sum = (kind: string): number =>
          segments.filter((one) => one.kind === kind).reduce((ms, one) => ms + one.untilMs - one.fromMs, 0);
        expect(sum('open')).toBe(calendar.openMsBetween(atMs, untilMs, pauses));
        expect(sum('open') + sum('paused')).toBe(calendar.openMsBetween(atMs, untilMs));
      }),
      RUNS,
    );
  });
});

describe('working time, to the millisecond', () => {
  it('is additive', () => {
    fc.assert(
      fc.property(situations, someMs, someMs, ({ calendar, atMs, pauses }, b, c) => {
        const [bMs, cMs] = [atMs + Math.min(b, c), atMs + Math.max(b, c)];
        const whole = calendar.openMsBetween(atMs, cMs, pauses);
        expect(calendar.openMsBetween(atMs, bMs, pauses) + calendar.openMsBetween(bMs, cMs, pauses)).toBe(whole);
        expect(calendar.openMsBetween(cMs, atMs, pauses)).toBe(0);
      }),
      RUNS,
    );
  });

  it('goes back the way it came', () => {
    fc.assert(
      fc.property(situations, fc.integer({ min: 1, max: 10 * 86_400_000 }), ({ calendar, atMs, pauses }, openMs) => {
        const dueMs = calendar.addOpenMs(atMs, openMs, pauses) as number;
        expect(calendar.openMsBetween(atMs, dueMs, pauses)).toBe(openMs);
        expect(calendar.openMsBetween(atMs, dueMs - 1, pauses)).toBe(openMs - 1);
        const backMs = calendar.subtractOpenMs(dueMs, openMs, pauses) as number;
        expect([backMs >= atMs, calendar.openMsBetween(backMs, dueMs, pauses)]).toEqual([true, openMs]);
        expect(calendar.openMsBetween(backMs + 1, dueMs, pauses)).toBe(openMs - 1);
        expect(calendar.addOpenMs(backMs, openMs, pauses)).toBe(dueMs);
      }),
      RUNS,
    );
  });

  it('counts business days one by one', () => {
    fc.assert(
      fc.property(situations, fc.integer({ min: -400, max: 400 }), ({ calendar, atMs }, n) => {
        const from = calendar.zone.localDayOf(atMs);
        let [day, left] = [from, Math.abs(n)];
        while (n === 0 ? !calendar.isOpenDay(day) : left > 0) {
          day += n < 0 ? -1 : 1;
          if (calendar.isOpenDay(day)) left--;
        }
        expect(calendar.addOpenDays(from, n)).toBe(day);
      }),
      { numRuns: 200 },
    );
  });

  it('finds the openings of a day by asking its every minute', () => {
    fc.assert(
      fc.property(situations, ({ terms, calendar, atMs }) => {
        const isOpen = oracleOf(terms);
        const day = calendar.zone.localDayOf(atMs);
        let minutes = 0;
        for (let ms = atMs - 50 * 60 * MINUTE_MS; ms < atMs + 50 * 60 * MINUTE_MS; ms += MINUTE_MS)
          if (isOpen(ms) && calendar.zone.localDayOf(ms) === day) minutes++;
        const openings = calendar.openingsOf(day);
        expect(openings.reduce((ms, one) => ms + one.untilMs - one.fromMs, 0)).toBe(minutes * MINUTE_MS);
        expect(calendar.closeOfMs(day)).toBe(openings.at(-1)?.untilMs ?? null);
        expect(calendar.isOpenDay(day)).toBe(minutes > 0);
      }),
      { numRuns: 200 },
    );
  });

  it('bounds the list of segments', () => {
    const [{ calendar, atMs } = { calendar: null, atMs: 0 }] = fc.sample(situations, { numRuns: 1, seed: 1 });
    expect(calendar?.segments(atMs, atMs + 20 * 365 * 86_400_000)).toHaveLength(SEGMENTS_MAX);
  });
});
