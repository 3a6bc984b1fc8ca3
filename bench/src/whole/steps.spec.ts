import { expectedOf, LAST_TICK_MS } from '../pipeline/workload.js';
import { stepsOf } from './steps.js';

const NUMBER = 5_003;
const HOUR_MS = 3_600_000;

const eventsIn = ({ bytes }: { readonly bytes: Buffer }): { type: string; time: string; subject: string }[] =>
  bytes
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { type: string; time: string; subject: string });

describe('what is posted', () => {
  const steps = stepsOf(NUMBER);
  const bodies = steps.flatMap(({ facts }) => facts);

  it('holds every fact of the workload once, in bodies that intake takes', () => {
    expect(bodies.reduce((sum, { events }) => sum + events, 0)).toBe(expectedOf(NUMBER, 'all').facts);
    for (const body of bodies) {
      expect(body.events).toBeLessThanOrEqual(1_000);
      expect(eventsIn(body)).toHaveLength(body.events);
    }
    const ids = new Set(bodies.flatMap(eventsIn).map(({ type, subject }) => `${type}/${subject}`));
    expect(ids.size).toBe(expectedOf(NUMBER, 'all').facts);
  });

  it('has one tick a step, none before the facts of its step, the last beyond every due', () => {
    let lastTickMs = -Infinity;
    for (const { facts, tick } of steps) {
      const [event, ...more] = eventsIn(tick);
      expect([event?.type, more.length]).toEqual(['makegood.tick', 0]);
      const tickMs = Date.parse(event?.time ?? '');
      for (const { time } of facts.flatMap(eventsIn)) {
        expect(Date.parse(time)).toBeGreaterThan(lastTickMs);
        expect(Date.parse(time)).toBeLessThanOrEqual(tickMs);
      }
      lastTickMs = tickMs;
    }
    expect(lastTickMs).toBe(LAST_TICK_MS);
  });

  it('lets no two facts about one subject overtake each other', () => {
    for (const { facts } of steps) {
      const subjects = facts.flatMap(eventsIn).map(({ subject }) => subject);
      const times = facts.flatMap(eventsIn).map(({ time }) => Date.parse(time));
      // Opened and kept lie four hours apart or more: in one step both could only stand at its two ends.
      expect(Math.max(...times) - Math.min(...times)).toBeLessThanOrEqual(4 * HOUR_MS);
      expect(new Set(subjects).size).toBe(subjects.length);
    }
  });
});
