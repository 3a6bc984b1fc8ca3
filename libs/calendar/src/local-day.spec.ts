import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import {
  endOfLocalDayMs,
  isLocalDate,
  isTimeZone,
  localDateOf,
  localText,
  offsetMsAt,
  startOfLocalDayMs,
} from './index.js';

const iso = (ms: number): string => new Date(ms).toISOString();

describe('endOfLocalDayMs', () => {
  it.each([
    ['America/Sao_Paulo', '2018-05-03', '2018-05-04T02:59:59.999Z'],
    ['America/Sao_Paulo', '2016-10-15', '2016-10-16T02:59:59.999Z'], // 00:00 → 01:00 that night: the day is whole
    ['America/Sao_Paulo', '2016-10-16', '2016-10-17T01:59:59.999Z'], // begins at 01:00, 23 hours long
    ['America/Sao_Paulo', '2017-10-14', '2017-10-15T02:59:59.999Z'],
    ['America/Sao_Paulo', '2017-10-15', '2017-10-16T01:59:59.999Z'],
    ['America/Sao_Paulo', '2018-11-03', '2018-11-04T02:59:59.999Z'],
    ['America/Sao_Paulo', '2018-11-04', '2018-11-05T01:59:59.999Z'],
    ['America/Sao_Paulo', '2017-02-18', '2017-02-19T02:59:59.999Z'], // 24:00 → 23:00: 25 hours long
    ['America/Sao_Paulo', '2018-02-17', '2018-02-18T02:59:59.999Z'],
    ['America/Sao_Paulo', '2018-02-18', '2018-02-19T02:59:59.999Z'],
    ['Europe/Berlin', '2018-03-25', '2018-03-25T21:59:59.999Z'],
    ['Europe/Berlin', '2018-10-28', '2018-10-28T22:59:59.999Z'],
    ['America/Santiago', '2017-08-12', '2017-08-13T03:59:59.999Z'], // the next day begins at 01:00
    ['America/Santiago', '2017-08-13', '2017-08-14T02:59:59.999Z'],
    ['America/Santiago', '2018-05-12', '2018-05-13T03:59:59.999Z'], // 24:00 → 23:00
    ['Pacific/Apia', '2011-12-29', '2011-12-30T09:59:59.999Z'], // 30 December 2011 did not exist there
    ['Asia/Shanghai', '2026-02-28', '2026-02-28T15:59:59.999Z'],
    ['UTC', '2024-02-29', '2024-02-29T23:59:59.999Z'],
  ])('%s %s ends at %s', (zone, date, end) => {
    expect(iso(endOfLocalDayMs(zone, date))).toBe(end);
    expect(iso(endOfLocalDayMs(zone, date))).toBe(end); // from the cache
  });

  it('starts a day at 01:00 where the clocks jump at midnight', () => {
    expect(iso(startOfLocalDayMs('America/Sao_Paulo', '2017-10-15'))).toBe('2017-10-15T03:00:00.000Z');
    expect(localText('America/Sao_Paulo', Date.parse('2017-10-15T03:00:00Z'), 'second')).toEqual({
      day: 'Sun 2017-10-15',
      time: '01:00:00',
    });
  });

  it('refuses what is no date', () => {
    expect(() => endOfLocalDayMs('UTC', '2023-02-29')).toThrow('a local date is YYYY-MM-DD');
    expect(['2023-02-29', '2023-13-01', '2023-1-1', '20230101', '2023-01-01T00:00:00Z', 5].map(isLocalDate)).toEqual(
      Array(6).fill(false),
    );
  });

  it('is the last instant whose local date is that day, in every zone with such changes', () => {
    const zones = fc.constantFrom(
      'America/Sao_Paulo',
      'Europe/Berlin',
      'America/Santiago',
      'Australia/Lord_Howe',
      'Asia/Kolkata',
    );
    const day = fc.integer({ min: 0, max: 18_000 }).map((n) => iso(n * 86_400_000 + Date.UTC(1975, 0, 1)).slice(0, 10));
    fc.assert(
      fc.property(zones, day, (zone, date) => {
        const endMs = endOfLocalDayMs(zone, date);
        expect([localDateOf(zone, endMs), localDateOf(zone, endMs + 1) > date]).toEqual([date, true]);
      }),
      { numRuns: 100 },
    );
  });
});

it('isLocalDate agrees with the calendar on every day of four hundred years', () => {
  for (let ms = Date.UTC(1900, 0, 1); ms < Date.UTC(2300, 0, 1); ms += 86_400_000) {
    if (!isLocalDate(iso(ms).slice(0, 10))) throw new Error(iso(ms));
  }
  const none = ['1900-02-29', '2100-02-29', '2023-04-31', '2023-00-10', '2023-12-00', '2023-12-32'];
  expect(none.filter(isLocalDate)).toEqual([]);
  expect(isLocalDate('2000-02-29')).toBe(true);
});

describe('offsetMsAt', () => {
  it('agrees with Intl at and around every change of a zone', () => {
    for (const zone of ['America/Sao_Paulo', 'Europe/Berlin', 'America/Santiago', 'Australia/Lord_Howe']) {
      const format = new Intl.DateTimeFormat('en-GB', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
      const utc = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', dateStyle: 'short', timeStyle: 'medium' });
      for (let atMs = Date.UTC(2016, 8, 1); atMs < Date.UTC(2018, 11, 1); atMs += 1_800_000 * 25) {
        expect(utc.format(atMs + offsetMsAt(zone, atMs))).toBe(format.format(atMs));
      }
    }
    const change = Date.parse('2018-11-04T03:00:00Z');
    expect([change - 1, change].map((ms) => offsetMsAt('America/Sao_Paulo', ms) / 3_600_000)).toEqual([-3, -2]);
  });

  it('knows zones by their names only', () => {
    expect(['America/Sao_Paulo', 'UTC', '+03:00', 'Mars/Base', ''].map(isTimeZone)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});

describe("the process's own zone", () => {
  it('has no influence', () => {
    const entry = new URL('./index.ts', import.meta.url);
    // TZ is read once at start, so the answers under another TZ come from another process.
    const script = `
      import { registerHooks } from 'node:module';
      registerHooks({ resolve: (name, context, next) => {
        try { return next(name, context); } catch { return next(name.replace(/\\.js$/, '.ts'), context); }
      } });
      const { endOfLocalDayMs, localDateOf, localText } = await import('${entry.href}');
      console.log(JSON.stringify([new Date(0).getTimezoneOffset(), endOfLocalDayMs('America/Sao_Paulo', '2017-10-15'),
        localDateOf('Europe/Berlin', 1508018399999), localText('Europe/Berlin', 1508018399999, 'minute').time]));`;
    const flags = ['--no-warnings', '--experimental-transform-types', '--conditions=source', '--input-type=module'];
    const out = execFileSync(process.execPath, [...flags, '-e', script], {
      env: { ...process.env, TZ: 'Pacific/Auckland', NODE_OPTIONS: '' },
      cwd: entry.pathname.slice(0, entry.pathname.indexOf('/libs/')),
    });
    expect(JSON.parse(String(out))).toEqual([-720, Date.parse('2017-10-16T01:59:59.999Z'), '2017-10-14', '23:59']);
  });
});
