import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { dateTextOf, dayNumberOf } from './day-number.js';
import { compileZone, zoneOf } from './index.js';

const ZONES = [
  'Africa/Casablanca',
  'America/New_York',
  'America/Santiago',
  'America/Sao_Paulo',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Europe/Berlin',
  'UTC',
].map((name) => zoneOf(compileZone(name, 'test')));
const berlin = zoneOf(compileZone('Europe/Berlin', 'test'));
const iso = (ms: number): string => new Date(ms).toISOString();
const day = (date: string): number => dayNumberOf(date);
const RUNS = { numRuns: 2_000 };
const anyZone = fc.constantFrom(...ZONES);
const anyDay = fc.integer({ min: day('1970-01-02'), max: day('2100-12-30') });
const anyInstant = fc.integer({ min: Date.UTC(1970, 0, 2), max: Date.UTC(2100, 11, 30) });
const plainDate = (n: number): Temporal.PlainDate => Temporal.PlainDate.from(dateTextOf(n));

describe('a zone', () => {
  it('reads the wall clock as Temporal does', () => {
    fc.assert(
      fc.property(anyZone, anyInstant, (zone, atMs) => {
        const there = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(zone.name);
        expect(zone.offsetMsAt(atMs)).toBe(there.offsetNanoseconds / 1_000_000);
        expect(dateTextOf(zone.localDayOf(atMs))).toBe(there.toPlainDate().toString());
      }),
      RUNS,
    );
  });

  it('finds the instant of a wall time as Temporal does, also where clocks jump or go back', () => {
    fc.assert(
      fc.property(anyZone, anyDay, fc.integer({ min: 0, max: 24 * 60 - 1 }), (zone, n, minute) => {
        const wall = plainDate(n).toPlainDateTime({ hour: Math.floor(minute / 60), minute: minute % 60 });
        expect(iso(zone.instantOf(n, minute * 60_000))).toBe(iso(wall.toZonedDateTime(zone.name).epochMilliseconds));
      }),
      RUNS,
    );
  });

  it('begins a day as Temporal does, and ends it a millisecond before the next', () => {
    fc.assert(
      fc.property(anyZone, anyDay, (zone, n) => {
        expect(iso(zone.startOfDayMs(n))).toBe(iso(plainDate(n).toZonedDateTime(zone.name).epochMilliseconds));
        expect(zone.endOfDayMs(n)).toBe(zone.startOfDayMs(n + 1) - 1);
      }),
      RUNS,
    );
  });

  it('adds civil periods as Temporal does', () => {
    const part = fc.integer({ min: -30, max: 30 });
    const middle = fc.integer({ min: Date.UTC(2003, 0, 1), max: Date.UTC(2068, 0, 1) });
    fc.assert(
      fc.property(anyZone, middle, part, part, part, (zone, fromMs, years, months, days) => {
        const from = Temporal.Instant.fromEpochMilliseconds(fromMs).toZonedDateTimeISO(zone.name);
        // Temporal wants one sign for all parts.
        const there = from
          .toPlainDateTime()
          .add({ months: years * 12 + months })
          .add({ days });
        const expected =
          years === 0 && months === 0 && days === 0 ? fromMs : there.toZonedDateTime(zone.name).epochMilliseconds;
        expect(iso(zone.addCivil(fromMs, { years, months, days }))).toBe(iso(expected));
      }),
      RUNS,
    );
  });

  it.each([
    ['02:30 jumped over', '2026-03-29', 2.5, '2026-03-29T01:30:00.000Z'],
    ['03:00 after the jump', '2026-03-29', 3, '2026-03-29T01:00:00.000Z'],
    ['02:30 that comes twice', '2026-10-25', 2.5, '2026-10-25T00:30:00.000Z'],
    ['24:00', '2026-10-25', 24, '2026-10-25T23:00:00.000Z'],
  ])('Berlin, %s', (_name, date, hours, instant) => {
    expect(iso(berlin.instantOf(day(date), hours * 3_600_000))).toBe(instant);
  });

  it('begins a day in whose first minutes a gap ends when the clocks jump', () => {
    // From 23:30 to 00:30, as Toronto did in 1919; none since 1970.
    const odd = zoneOf({ name: 'x', hash: '', tzVersion: '', transitions: [[0, 0], [86_400_000 - 1_800_000, 3_600_000]] }); // prettier-ignore
    expect(odd.startOfDayMs(1)).toBe(86_400_000 - 1_800_000);
    expect(odd.endOfDayMs(0)).toBe(86_400_000 - 1_800_001);
    expect(odd.instantOf(1, 0)).toBe(86_400_000);
  });

  it('takes a day that was left out as the start of the next', () => {
    const apia = zoneOf(compileZone('Pacific/Apia', 'test'));
    expect(iso(apia.startOfDayMs(day('2011-12-30')))).toBe('2011-12-30T10:00:00.000Z');
    expect(iso(apia.startOfDayMs(day('2011-12-31')))).toBe('2011-12-30T10:00:00.000Z');
    expect(iso(apia.endOfDayMs(day('2011-12-29')))).toBe('2011-12-30T09:59:59.999Z');
  });

  it('cuts a month to its last day', () => {
    const from = Date.parse('2026-01-31T11:00:00Z');
    expect(iso(berlin.addCivil(from, { months: 1 }))).toBe('2026-02-28T11:00:00.000Z');
    expect(iso(berlin.addCivil(from, { months: 25 }))).toBe('2028-02-29T11:00:00.000Z');
    expect(iso(berlin.addCivil(from, { months: -2 }))).toBe('2025-11-30T11:00:00.000Z');
    expect(iso(berlin.addCivil(Date.parse('2024-02-29T11:00:00Z'), { years: 1 }))).toBe('2025-02-28T11:00:00.000Z');
  });

  it('leaves an instant as it is for a period of nothing, also in the repeated hour', () => {
    const second = Date.parse('2026-10-25T01:30:00Z');
    expect(berlin.addCivil(second, {})).toBe(second);
  });

  it('TZ-3: answers as it was compiled, whatever tz data came later', () => {
    // "By 12:00 on 2026-10-01, Africa/Casablanca": one hour ahead of UTC, until 2026c took it back from 20 September.
    const casablanca = { name: 'Africa/Casablanca', hash: '', tzVersion: 'A' };
    const before = zoneOf({ ...casablanca, transitions: [[0, 3_600_000]] });
    const after = zoneOf({ ...casablanca, transitions: [[0, 3_600_000], [Date.parse('2026-09-20T02:00:00Z'), 0]] }); // prettier-ignore
    const noon = (zone: typeof before, date: string): string => iso(zone.instantOf(day(date), 12 * 3_600_000));
    expect(noon(before, '2026-10-01')).toBe('2026-10-01T11:00:00.000Z');
    expect(noon(after, '2026-10-01')).toBe('2026-10-01T12:00:00.000Z');
    expect(noon(after, '2026-08-01')).toBe('2026-08-01T11:00:00.000Z');
  });
});
