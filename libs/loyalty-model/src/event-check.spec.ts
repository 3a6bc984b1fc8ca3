import { checkModelEvent } from './event-check.js';
import type { ModelEvent } from './model-event.js';
import { daysFromMs, inDays, msFromDays } from './units.js';

const settled = {
  id: 's',
  type: 'promise.settled',
  at: 3,
  promiseId: 'p',
  kind: 'delivery',
  madeAt: 0,
  dueAt: 2,
  actualAt: 3,
  tolerance: 1,
} as const;

function pointersOf(document: unknown): (string | undefined)[] {
  const verdict = checkModelEvent(document);
  return 'problems' in verdict ? verdict.problems.map((problem) => problem.pointer) : [];
}

describe('the check of events from outside', () => {
  it('lets sound events through as they are', () => {
    expect(checkModelEvent(settled)).toEqual({ event: settled });
    expect(pointersOf({ ...settled, actualAt: null })).toEqual([]);
    expect(pointersOf({ id: 't', type: 'time.tick', at: 0 })).toEqual([]);
    expect(pointersOf({ id: 'r', type: 'recovery.done', at: 0, promiseId: 'p' })).toEqual([]);
  });

  it('points at what would make a score meaningless', () => {
    expect(pointersOf({ ...settled, tolerance: 0 })).toEqual(['/tolerance']);
    expect(pointersOf({ ...settled, at: NaN, dueAt: '2', kind: 'wedding' })).toEqual(['/at', '/kind', '/dueAt']);
    expect(pointersOf({ ...settled, id: '', importance: -1, end: 1, actualAt: undefined })).toEqual([
      '/id',
      '/importance',
      '/actualAt',
      '/end',
    ]);
    expect(pointersOf({ id: 'r', type: 'recovery.done', at: 0, promiseId: 'p', apology: '?' })).toEqual(['/apology']);
    expect(pointersOf(null)).toEqual(['']);
  });

  it('names the nearest type it knows', () => {
    const verdict = checkModelEvent({ id: 'x', type: 'promise.setled', at: 0 });
    expect(verdict).toMatchObject({
      problems: [{ code: 'LOYALTY_EVENT_INVALID', advice: 'did you mean promise.settled?' }],
    });
    expect(pointersOf({ id: 'x', type: 'constructor', at: 0 })).toEqual(['/type']);
  });
});

describe('the border of units', () => {
  it('turns all times of an event from milliseconds into days, and nothing else', () => {
    const day = 86_400_000;
    const event: ModelEvent = {
      ...settled,
      at: 3 * day,
      madeAt: 0,
      dueAt: 2 * day,
      actualAt: null,
      tolerance: day / 2,
      importance: 2,
    };
    expect(inDays(event)).toEqual({ ...settled, actualAt: null, tolerance: 0.5, importance: 2 });
    expect(inDays({ id: 'n', type: 'survey.answered', at: day, kind: 'nps', value: 9 }).value).toBe(9);
  });

  it('keeps every millisecond of this century', () => {
    for (const ms of [0, 1, 1_780_000_000_123, 4_133_980_799_999]) expect(msFromDays(daysFromMs(ms))).toBe(ms);
  });
});
