import fc from 'fast-check';
import { describeDuration, formatInstant, MAX_INSTANT_MS, parseDurationMs, parseInstant } from './instant.js';

describe('instants', () => {
  it('are read as they are written, to the millisecond, from 1970 to 2100', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: MAX_INSTANT_MS }), fc.integer({ min: -999, max: 999 }), (instant, near) => {
        expect(formatInstant(instant)).toBe(new Date(instant).toISOString());
        expect(parseInstant(formatInstant(instant))).toBe(instant);
        const other = Math.min(MAX_INSTANT_MS, Math.max(0, instant + near)); // mostly of the day remembered
        expect(parseInstant(formatInstant(other))).toBe(other);
      }),
      { numRuns: 2_000 },
    );
  });

  it('a text spoilt in one place is read as if no day were remembered', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 86_399_999 }),
        fc.nat(23),
        fc.constantFrom(...'09:Tx-+Z. '),
        (ms, at, letter) => {
          const text = formatInstant(1_700_006_400_000 + ms);
          const spoilt = text.slice(0, at) + letter + text.slice(at + 1);
          parseInstant(text);
          const remembered = parseInstant(spoilt);
          parseInstant('2001-01-01T00:00:00.000Z');
          expect([spoilt, remembered]).toEqual([spoilt, parseInstant(spoilt)]);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it.each([
    ['2026-06-01T10:00:00+02:00', Date.UTC(2026, 5, 1, 8)],
    ['2026-06-01T10:00:00.1239-00:30', Date.UTC(2026, 5, 1, 10, 30, 0, 123)],
    ['2026-06-01t10:00:00z', Date.UTC(2026, 5, 1, 10)],
    ['2100-12-31T23:59:59.999Z', MAX_INSTANT_MS],
    ['2101-01-01T00:00:00Z', null],
    ['1969-12-31T23:59:59Z', null],
    ['2026-02-30T00:00:00Z', null],
    ['2026-06-01T24:00:00Z', null],
    ['2026-06-01T10:00:00', null],
    ['2026-06-01', null],
    ['', null],
  ])('%s', (text, expected) => {
    expect(parseInstant(text)).toBe(expected);
  });

  it('durations: exact units only', () => {
    expect(['PT3M', 'P1DT2H', 'PT0.25S', 'P2W', 'P1M', 'PT', 'P', '3M'].map(parseDurationMs)).toEqual([
      180_000,
      93_600_000,
      250,
      1_209_600_000,
      null,
      null,
      null,
      null,
    ]);
    expect([0, 999, 1_500, 61_000, 3_600_000, 183_600_000].map(describeDuration)).toEqual([
      '0 ms',
      '999 ms',
      '1.5 s',
      '1 min 1 s',
      '1 h',
      '2 d 3 h',
    ]);
  });
});
