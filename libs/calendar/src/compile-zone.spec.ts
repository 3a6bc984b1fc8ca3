import { Temporal } from 'temporal-polyfill';
import { compileZone, transitionsOf } from './index.js';

/** The changes of clocks as Temporal's own search finds them. */
function changesByTemporal(zone: string, untilMs: number): [number, number][] {
  const changes: [number, number][] = [];
  let at = Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone);
  for (;;) {
    const next = at.getTimeZoneTransition('next');
    if (next === null || next.epochMilliseconds > untilMs) return changes;
    changes.push([next.epochMilliseconds, next.offsetNanoseconds / 1_000_000]);
    at = next;
  }
}

describe('compileZone', () => {
  // Every name of the tz database was compared once; these have what is rare: midnight jumps, half hours, seconds,
  // short suspensions of summer time, a day left out.
  it.each([
    'Africa/Casablanca',
    'Africa/Cairo',
    'Africa/Monrovia',
    'America/Santiago',
    'America/St_Johns',
    'Asia/Kathmandu',
    'Australia/Lord_Howe',
    'Europe/Berlin',
    'Pacific/Apia',
    'UTC',
  ])('%s: finds every change from 1970 to 2100', (zone) => {
    const untilMs = Date.UTC(2100, 11, 31);
    const found = transitionsOf(zone).slice(1);
    expect(found.filter(([fromMs]) => fromMs <= untilMs)).toEqual(changesByTemporal(zone, untilMs));
  });

  it('names what it says by its hash, whatever version of the data said it', () => {
    const [a, b] = [compileZone('Europe/Berlin', '2026a'), compileZone('Europe/Berlin', '2026c')];
    expect([a.hash, a.tzVersion, b.tzVersion]).toEqual([b.hash, '2026a', '2026c']);
    expect(compileZone('Europe/Paris', '2026a').hash).not.toBe(a.hash);
    expect(JSON.parse(JSON.stringify(a))).toEqual(a);
  });

  it('refuses what is no zone', () => {
    expect(() => compileZone('Mars/Base', 'x')).toThrow(RangeError);
  });
});
