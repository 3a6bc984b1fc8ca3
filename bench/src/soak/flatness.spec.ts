import fc from 'fast-check';
import { courseOf, type Measure, type Point } from './flatness.js';

const HOUR_MS = 3_600_000;
const memory: Measure = { name: 'memory', unit: 'MiB', mayGrow: { share: 0.1, slack: 5 } };
const points = (count: number, valueAt: (share: number) => number): Point[] =>
  Array.from({ length: count }, (_, n) => ({ atMs: (n * HOUR_MS) / count, value: valueAt(n / count) }));

describe('flat or not', () => {
  it('tells the slope of a line by the hour, whatever the number of samples', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 400 }), fc.integer({ min: -500, max: 500 }), (count, perHour) => {
        const course = courseOf(
          memory,
          points(count, (share) => 1_000 + share * perHour),
        );
        expect(course.slopePerHour).toBeCloseTo(perHour, 5);
      }),
    );
  });

  it('takes the second fifth for what is usual, so that filling caches in the first is no growth', () => {
    const filling = points(100, (share) => (share < 0.2 ? 1_000 * share : 200));
    expect(courseOf(memory, filling)).toMatchObject({ early: 200, late: 200, isFlat: true });
  });

  it.each([
    [225, true],
    [226, false],
  ])('may grow from 200 by a tenth and 5: to %d is flat: %s', (last, isFlat) => {
    const course = courseOf(
      memory,
      points(100, (share) => (share < 0.8 ? 200 : last)),
    );
    expect(course.isFlat).toBe(isFlat);
  });

  it('finds a leak of a quarter over the hour, noise or not', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 100, maxLength: 100 }), (noise) => {
        const leaking = points(100, (share) => 400 + 100 * share).map((point, n) => ({
          ...point,
          value: point.value + (noise[n] as number),
        }));
        expect(courseOf(memory, leaking).isFlat).toBe(false);
      }),
    );
  });

  it('judges nothing that is to grow, and refuses what was never measured', () => {
    const history: Measure = { name: 'history', unit: 'MiB', mayGrow: null };
    expect(
      courseOf(
        history,
        points(10, (share) => share),
      ).isFlat,
    ).toBeNull();
    expect(() => courseOf(history, [])).toThrow('history: nothing was measured');
  });

  it('has something to say of a single sample', () => {
    expect(courseOf(memory, [{ atMs: 0, value: 7 }])).toMatchObject({ first: 7, last: 7, slopePerHour: 0 });
  });
});
