import { openText } from './dlq.js';

const HOUR = 3_600;
const reason = (name: string, count: number, ageSeconds: number) => ({
  ...{ service: 'sla-timer', reason: name, count, oldestAt: '2026-03-01T00:00:00.000Z', ageSeconds },
});

it('says how many letters are open, for how long, and why', () => {
  const byReason = [reason('CONFLICTING_DUPLICATE', 1_200, 49 * HOUR), reason('FACT_NOT_EVALUABLE', 3, 119)];
  const text = openText({ count: 1_203, oldestAt: '2026-03-01T00:00:00.000Z', ageSeconds: 49 * HOUR, byReason });
  expect(text[0]).toBe('1,203 open, the oldest for 2 days');
  expect(text.slice(2, 4).map((line) => line.trim().split(/ {2,}/))).toEqual([
    ['CONFLICTING_DUPLICATE', 'sla-timer', '1,200', '2 days'],
    ['FACT_NOT_EVALUABLE', 'sla-timer', '3', '119 s'],
  ]);
});

it('says so when none is', () => {
  expect(openText({ count: 0, oldestAt: null, ageSeconds: 0, byReason: [] })[0]).toBe('✓ none is open');
});
