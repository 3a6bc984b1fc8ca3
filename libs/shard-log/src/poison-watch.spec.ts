import { PoisonWatch, WAVE_LETTERS_MIN, WAVE_WINDOW_MS } from './poison-watch.js';
import type { Rejected } from './processor.js';

const LETTER = { record: { topic: 'in' }, reason: 'PROCESSING_FAILED', detail: '' } as unknown as Rejected;

/** Notes letters one by one, so far apart; answers how often the alarm was raised. */
function alarms(letters: number, everyMs: number): number {
  let [nowMs, told] = [0, 0];
  const clock = { nowMs: () => nowMs, sleep: async () => undefined };
  const watch = new PoisonWatch(clock, { error: () => void told++ });
  for (let i = 0; i < letters; i++, nowMs += everyMs) watch.note([LETTER]);
  return told;
}

describe('a wave of dead letters', () => {
  it('is told when so many lie within the window, not one fewer', () => {
    expect(alarms(WAVE_LETTERS_MIN - 1, 1)).toBe(0);
    expect(alarms(WAVE_LETTERS_MIN, 1)).toBe(1);
  });

  it('is no wave when they come slowly', () => {
    expect(alarms(10 * WAVE_LETTERS_MIN, Math.ceil(WAVE_WINDOW_MS / (WAVE_LETTERS_MIN - 1)))).toBe(0);
  });

  it('is told once a window, and again in the next', () => {
    expect(alarms(100, 1_000)).toBe(1);
    expect(alarms(1_000, 1_000)).toBe(2);
  });
});
