import { newSubject, type SubjectState } from '#libs/promise-engine';
import { changesOf, placeOf, type Place } from './subject-rows.js';

const none = { added: [], changed: [], gone: [] };
const at = (wakeAtMs: number | null): SubjectState => ({ ...newSubject('S'), wakeAtMs });
const changes = (before: Place | undefined, state: SubjectState | null) => changesOf([['S', before, state]]);

it('a subject that wakes by itself is open, also at the beginning of time; any other is settled', () => {
  expect([placeOf(at(7)), placeOf(at(0)), placeOf(at(null))]).toEqual(['open', 'open', 'settled']);
});

it.each<[Place | undefined, number | null, Place, 'added' | 'changed']>([
  [undefined, 7, 'open', 'added'],
  [undefined, null, 'settled', 'added'],
  ['open', 7, 'open', 'changed'],
  ['settled', null, 'settled', 'changed'],
])('from %s, waking at %s: one row %s is %s', (before, wakeAtMs, place, what) => {
  const state = at(wakeAtMs);
  expect(changes(before, state)).toEqual({ open: none, settled: none, [place]: { ...none, [what]: [state] } });
});

it.each<[Place, number | null]>([
  ['open', null],
  ['settled', 7],
])('leaves one table when it comes into the other: from %s, waking at %s', (before, wakeAtMs) => {
  const state = at(wakeAtMs);
  const after = before === 'open' ? 'settled' : 'open';
  expect(changes(before, state)).toEqual({
    [before]: { ...none, gone: ['S'] },
    [after]: { ...none, added: [state] },
  });
});

it('nothing left: the row goes from where it was, and from nowhere if it was nowhere', () => {
  expect(changes('settled', null)).toEqual({ open: none, settled: { ...none, gone: ['S'] } });
  expect(changes(undefined, null)).toEqual({ open: none, settled: none });
});
