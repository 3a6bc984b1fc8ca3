import fc from 'fast-check';
import { quietUntilMs } from './quiet-hours.js';
import { offsetMsAt } from './zone-offsets.js';

const at = (text: string): number => Date.parse(text);
const until = (zone: string, from: string, to: string, now: string): string | null => {
  const minute = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));
  const untilMs = quietUntilMs({ fromMinute: minute(from), toMinute: minute(to) }, zone, at(now));
  return untilMs === null ? null : new Date(untilMs).toISOString();
};

describe('quiet hours', () => {
  it.each([
    ['before they begin', '2026-06-01T18:59:59.999Z', null],
    ['from their first millisecond', '2026-06-01T19:00:00.000Z', '2026-06-02T06:00:00.000Z'],
    ['over midnight', '2026-06-01T23:30:00.000Z', '2026-06-02T06:00:00.000Z'],
    ['to their last millisecond', '2026-06-02T05:59:59.999Z', '2026-06-02T06:00:00.000Z'],
    ['no longer at their end', '2026-06-02T06:00:00.000Z', null],
  ])('of the night in Berlin: %s', (_, now, end) => {
    expect(until('Europe/Berlin', '21:00', '08:00', now)).toBe(end);
  });

  it('hold within one day', () => {
    expect(until('UTC', '13:00', '15:00', '2026-06-01T13:00:00Z')).toBe('2026-06-01T15:00:00.000Z');
    expect(until('UTC', '13:00', '15:00', '2026-06-01T15:00:00Z')).toBeNull();
    expect(until('UTC', '13:00', '00:00', '2026-06-01T23:59:00Z')).toBe('2026-06-02T00:00:00.000Z');
  });

  it('never hold where both ends are the same', () => {
    expect(until('UTC', '08:00', '08:00', '2026-06-01T08:00:00Z')).toBeNull();
  });

  it('follow the clocks of summer and winter', () => {
    expect(until('Europe/Berlin', '21:00', '08:00', '2026-03-28T22:00:00Z')).toBe('2026-03-29T06:00:00.000Z');
    expect(until('Europe/Berlin', '21:00', '08:00', '2026-10-24T22:00:00Z')).toBe('2026-10-25T07:00:00.000Z');
    // 02:30 does not come on 29 March: the wall shows 03:30 next
    expect(until('Europe/Berlin', '21:00', '02:30', '2026-03-29T00:59:00Z')).toBe('2026-03-29T01:30:00.000Z');
    // 02:30 comes twice on 25 October: at 02:10 for the second time the first is over
    expect(until('Europe/Berlin', '21:00', '02:30', '2026-10-25T00:10:00Z')).toBe('2026-10-25T00:30:00.000Z');
    expect(until('Europe/Berlin', '21:00', '02:30', '2026-10-25T01:10:00Z')).toBe('2026-10-25T01:30:00.000Z');
  });

  it('are over at their end, which lies within a day and an hour', () => {
    const zone = fc.constantFrom('Europe/Berlin', 'America/Sao_Paulo', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'UTC');
    const minute = fc.integer({ min: 0, max: 1_439 });
    const now = fc.integer({ min: at('2015-01-01'), max: at('2030-01-01') });
    fc.assert(
      fc.property(zone, minute, minute, now, (name, fromMinute, toMinute, nowMs) => {
        const endMs = quietUntilMs({ fromMinute, toMinute }, name, nowMs);
        if (endMs === null) return;
        expect(endMs).toBeGreaterThan(nowMs);
        expect(endMs - nowMs).toBeLessThanOrEqual(25 * 3_600_000);
        const local = new Date(endMs + offsetMsAt(name, endMs));
        const shown = local.getUTCHours() * 60 + local.getUTCMinutes();
        expect((shown - toMinute + 1_440) % 1_440).toBeLessThanOrEqual(60); // behind a jump at most
      }),
    );
  });
});
