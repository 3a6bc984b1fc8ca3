import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { Terminal } from '../terminal/terminal.js';
import { checkVectors } from './check-vectors.js';
import { expectedOf, outcomeOf } from './judge-vector.js';
import type { Vector } from './vector.js';

/*
 * Traps of time zones, clock changes and calendars, each under the id it is known by. Windows are half-open, read off
 * the wall; a due is inclusive.
 */

const daily = (...windows: [string, string][]): Partial<Vector> => ({ windows: { '*': windows } });
const weekdays = (...windows: [string, string][]): Partial<Vector> => ({ windows: { 'mon-fri': windows } });
const OFFICE = weekdays(['09:00', '17:00']);
const BERLIN = { zone: 'Europe/Berlin' };
const CHRISTMAS = { ...BERLIN, ...OFFICE, holidays: ['2026-12-25', '2026-12-26', '2027-01-01'] };
const SANTIAGO = { zone: 'America/Santiago', ...daily(['00:00', '24:00']), start: '2026-09-05T23:30:00-04:00' };
const SAO_PAULO = { zone: 'America/Sao_Paulo', ...weekdays(['08:00', '12:00'], ['13:30', '18:00']), minutes: 30 };
const SPRING = { ...BERLIN, start: '2026-03-28T12:00:00+01:00' };
const SPRING_NIGHT = { ...BERLIN, start: '2026-03-29T00:00:00+01:00' };
const AUTUMN = { ...BERLIN, start: '2026-10-24T12:00:00+02:00' };
const AUTUMN_NIGHT = { ...BERLIN, start: '2026-10-25T00:00:00+02:00' };

const TRAPS: readonly Vector[] = [
  { id: 'DST-1', ...SPRING, kind: 'elapsed', minutes: 1_440, due: '2026-03-29T11:00:00Z' },
  { id: 'DST-2', ...SPRING, kind: 'civil', period: 'P1D', due: '2026-03-29T10:00:00Z' },
  { id: 'DST-2b elapsed', ...AUTUMN, kind: 'elapsed', period: 'PT24H', due: '2026-10-25T10:00:00Z' },
  { id: 'DST-2b civil', ...AUTUMN, kind: 'civil', period: 'P1D', due: '2026-10-25T11:00:00Z' },
  { id: 'DST-3', ...SPRING_NIGHT, ...daily(['00:00', '06:00']), minutes: 240, due: '2026-03-29T03:00:00Z' },
  { id: 'DST-3b', ...AUTUMN_NIGHT, ...daily(['00:00', '06:00']), minutes: 240, due: '2026-10-25T02:00:00Z' },
  { id: 'DST-4', ...SPRING_NIGHT, ...daily(['02:30', '06:00']), minutes: 60, due: '2026-03-29T02:00:00Z' },
  { id: 'DST-5', ...AUTUMN_NIGHT, ...daily(['02:30', '03:00']), minutes: 45, due: '2026-10-25T01:45:00Z' },
  { id: 'DST-6', ...SPRING_NIGHT, ...daily(['02:00', '03:00']), minutes: 30, due: '2026-03-30T00:30:00Z' },
  { id: 'DST-7', ...SANTIAGO, minutes: 60, due: '2026-09-06T04:30:00Z' },
  { id: 'DST-7b', ...SANTIAGO, holidays: ['2026-09-06'], minutes: 60, due: '2026-09-07T03:30:00Z' },
  {
    id: 'TZ-1',
    zone: 'Asia/Riyadh',
    windows: { 'sun-thu': [['09:00', '17:00']] },
    start: '2026-06-04T16:00:00+03:00',
    minutes: 120,
    due: '2026-06-07T07:00:00Z',
  },
  { id: 'HOL-1', ...CHRISTMAS, start: '2026-12-24T16:30:00+01:00', minutes: 240, due: '2026-12-28T11:30:00Z' },
  { id: 'HOL-1b', ...CHRISTMAS, start: '2026-12-24T16:30:00+01:00', minutes: 2_400, due: '2027-01-04T15:30:00Z' },
  {
    id: 'HOL-2',
    ...CHRISTMAS,
    start: '2026-12-24T16:30:00+01:00',
    kind: 'civil',
    period: 'P5BD',
    by: 'close',
    due: '2027-01-04T16:00:00Z',
  },
  {
    id: 'HOL-3 pinned',
    ...OFFICE,
    holidays: [{ date: '2026-06-02', addedAt: '2026-06-01T20:00Z' }],
    start: '2026-06-01T15:00:00Z',
    minutes: 240,
    due: '2026-06-02T11:00:00Z',
  },
  {
    id: 'HOL-3 rebased',
    ...OFFICE,
    holidays: ['2026-06-02'],
    start: '2026-06-01T15:00:00Z',
    minutes: 240,
    due: '2026-06-03T11:00:00Z',
  },
  {
    id: 'CAL-1',
    ...daily(['00:00', '24:00']),
    start: '2026-06-01T23:30:00Z',
    minutes: 60,
    due: '2026-06-02T00:30:00Z',
  },
  { id: 'CAL-2', ...SAO_PAULO, start: '2026-06-08T11:50:00-03:00', due: '2026-06-08T16:50:00Z' },
  { id: 'CAL-2b', ...SAO_PAULO, start: '2026-06-08T12:30:00-03:00', due: '2026-06-08T17:00:00Z' },
  {
    id: 'CAL-3',
    ...OFFICE,
    changes: [{ from: '2026-06-02T00:00:00Z', ...weekdays(['09:00', '13:00']) }],
    start: '2026-06-01T12:00:00Z',
    minutes: 720,
    due: '2026-06-03T12:00:00Z',
  },
  {
    id: 'CAL-3 by date',
    ...OFFICE,
    changes: [{ from: '2026-06-02', ...weekdays(['09:00', '13:00']) }],
    start: '2026-06-01T12:00:00Z',
    minutes: 720,
    due: '2026-06-03T12:00:00Z',
  },
  { id: 'CAL-4', windows: {}, start: '2026-06-01T12:00:00Z', minutes: 1, error: 'CALENDAR_NEVER_OPEN' },
  {
    id: 'CAL-4 by holidays',
    ...OFFICE,
    holidays: Array.from({ length: 402 }, (_, i) =>
      new Date(Date.UTC(2026, 0, 1) + i * 86_400_000).toISOString().slice(0, 10),
    ),
    start: '2026-06-01T12:00:00Z',
    minutes: 1,
    error: 'CALENDAR_NEVER_OPEN',
  },
  { id: 'CAL-5', ...OFFICE, start: '2026-06-01T17:00:00Z', minutes: 1, due: '2026-06-02T09:01:00Z' },
  { id: 'CAL-6', ...OFFICE, start: '2026-06-01T09:00:00Z', minutes: 480, due: '2026-06-01T17:00:00Z' },
  { id: 'CAL-7', ...BERLIN, start: '2026-01-31T12:00:00+01:00', kind: 'civil', period: 'P1M', due: '2026-02-28T11:00:00Z' }, // prettier-ignore
  { id: 'PAU-1', ...OFFICE, start: '2026-06-01T09:00:00Z', minutes: 480, pauses: [['2026-06-01T16:00:00Z', '2026-06-02T10:00:00Z']], due: '2026-06-02T11:00:00Z' }, // prettier-ignore
  { id: 'PAU-3', ...OFFICE, start: '2026-06-01T12:00:00Z', minutes: 480, pauses: [{ from: '2026-06-01T17:00:00Z', to: '2026-06-02T09:00:00Z' }], due: '2026-06-02T12:00:00Z' }, // prettier-ignore
  { id: 'PAU-8, a pause that never ends', ...OFFICE, start: '2026-06-01T12:00:00Z', minutes: 480, pauses: [['2026-06-01T13:00:00Z', null]], due: null }, // prettier-ignore
  { id: 'WRN-1', ...weekdays(['08:00', '18:00']), start: '2026-06-01T17:00:00Z', minutes: 240, due: '2026-06-02T11:00:00Z', warnBeforeMinutes: 60, warnAt: '2026-06-02T10:00:00Z' }, // prettier-ignore
  { id: 'WRN-2', ...weekdays(['08:00', '18:00']), due: '2026-06-02T08:30:00Z', warnBeforeMinutes: 60, warnAt: '2026-06-01T17:30:00Z' }, // prettier-ignore
];

/** Worked out by a script in Python that steps through the minutes with zoneinfo, apart from this code. */
const SAMPLES = JSON.parse(
  readFileSync(new URL('../../../../samples/deadline-vectors.json', import.meta.url), 'utf8'),
) as { readonly vectors: readonly Vector[] };
const ALL = [...TRAPS, ...SAMPLES.vectors];

describe('the vectors of samples/', () => {
  it.each(SAMPLES.vectors.map((vector) => [vector.id, vector] as const))('%s', (_id, vector) => {
    expect(outcomeOf(vector, 'test')).toEqual(expectedOf(vector));
  });
});

describe('traps of section 4.1 and 4.2', () => {
  it.each(TRAPS.map((trap) => [trap.id, trap] as const))('%s', (_id, trap) => {
    expect(outcomeOf(trap, 'test')).toEqual(expectedOf(trap));
  });

  // TZ-3, other tz data, is in libs/calendar/src/zone-of.spec.ts.

  it.each(['Asia/Kolkata', 'America/New_York'])("TZ-2: the same when the process's own zone is %s", (hostZone) => {
    // TZ is read once at start, so the answers under another TZ come from another process.
    const script = `
      import { registerHooks } from 'node:module';
      registerHooks({ resolve: (name, context, next) => {
        try { return next(name, context); } catch { return next(name.replace(/\\.js$/, '.ts'), context); }
      } });
      const { outcomeOf } = await import('${new URL('./judge-vector.ts', import.meta.url).href}');
      const traps = JSON.parse(process.argv[1]);
      console.log(JSON.stringify([new Date(0).getTimezoneOffset(), traps.map((trap) => outcomeOf(trap, 'test'))]));`;
    const flags = ['--no-warnings', '--experimental-transform-types', '--conditions=source', '--input-type=module'];
    const out = execFileSync(process.execPath, [...flags, '-e', script, JSON.stringify(ALL)], {
      env: { ...process.env, TZ: hostZone, NODE_OPTIONS: '' },
    });
    const [offset, outcomes] = JSON.parse(String(out)) as [number, unknown[]];
    expect(offset).not.toBe(0);
    expect(outcomes).toEqual(ALL.map(expectedOf));
  });

  it('are also told in other ways', () => {
    const hours = { kind: 'working', start: '2026-06-01T09:00:00Z', period: 'PT8H', due: '2026-06-01T17:00:00Z' };
    const ways = [
      { windows: { 'mon,tue,wed,thu,fri': ['09:00-17:00'] } },
      { windows: [{ days: ['mon', 'tue'], from: '09:00', to: '17:00' }] },
      { windows: { Monday: [{ open: '09:00', close: '17:00' }] }, kind: undefined },
    ];
    for (const way of ways) expect(outcomeOf({ id: 'x', ...hours, ...way } as Vector, 'test')).toEqual({ due: '2026-06-01T17:00:00.000Z' }); // prettier-ignore
    const night = {
      id: 'x',
      windows: { 'mon-fri': [['22:00', '06:00']] },
      start: '2026-06-05T23:00:00Z',
      minutes: 120,
    };
    expect(outcomeOf(night, 'test')).toEqual({ due: '2026-06-06T01:00:00.000Z' });
  });
});

describe('due --vectors', () => {
  const lines: string[] = [];
  const terminal = new Terminal({ write: (text) => lines.push(text.trim()) }, { write: () => true }, true);
  const known = '../shared/data/deadline-vectors.json';

  it('passes the known vectors', () => {
    if (!existsSync(known)) return console.log(`${known} is not here: its vectors are not checked`);
    expect(checkVectors(known, { json: true }, terminal)).toBe(0);
    const { vectors } = JSON.parse(readFileSync(known, 'utf8')) as { vectors: unknown[] };
    expect(JSON.parse(lines.at(-1) as string)).toEqual({ passed: vectors.length, failed: 0, failures: [] });
  });
});
