import type { Judgement } from '#libs/promise-engine';
import { whatWouldChange } from './what-would-change.js';

const DUE = Date.UTC(2026, 0, 5, 10);
const guarantee = { evidence: { kept: [{ on: 'a.done', when: null, piece: null, place: { line: 1, column: 1 } }] } };
const open = { inTimeUntilMs: DUE, completedAtMs: null, excuse: null, cancellation: null, failure: null };
const text = (verdict: 'kept' | 'breached' | 'excused' | 'cancelled' | null, change: object = {}): string | undefined =>
  whatWouldChange({ verdict }, { ...open, ...change } as unknown as Judgement, guarantee)?.text;

it.each([
  ['an open one', null, {}, 'Kept, when a.done happens by 2026-01-05T10:00:00.000Z.'],
  ['one that was never done', 'breached', {}, 'Kept, had a.done happened by 2026-01-05T10:00:00.000Z.'],
  ['a late one', 'breached', { completedAtMs: DUE + 2_100_000 }, 'Kept, had it happened 35 min earlier.'],
  ['one kept to the millisecond', 'kept', { completedAtMs: DUE }, 'Missed, had it happened 1 ms later.'],
  ['one in good time', 'kept', { completedAtMs: DUE - 3_600_000 }, 'Missed, had it happened 1 h later.'],
  ['a cancelled one', 'cancelled', { cancellation: { id: 'c-1' } }, 'Still to be kept, without c-1.'],
] as const)('names the nearest fact for %s', (_, verdict, change, expected) => {
  expect(text(verdict, change)).toBe(expected);
});

it('names the disruption that excused, and the fact', () => {
  const by = (change: object) =>
    text('excused', { excuse: { code: 'weather', fact: null, disruption: null, ...change } });
  expect(by({ disruption: { id: 'd-1' } })).toBe('Answered for, without weather (d-1).');
  expect(by({ fact: { id: 'f-1' } })).toBe('Answered for, without weather (f-1).');
});
