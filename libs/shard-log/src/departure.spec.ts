import type { LogRecord } from '#libs/messaging';
import { departureOf } from './departure.js';

const recordsOf = (from: number, ...epochs: number[]): LogRecord[] =>
  epochs.map((leaderEpoch, i) => ({
    topic: 'in',
    partition: 0,
    offset: from + i,
    timestampMs: 0,
    leaderEpoch,
    key: null,
    value: Buffer.alloc(0),
  }));
const batch = (fetchedOffset: number, records: LogRecord[]) => ({ fetchedOffset, records });

describe('a batch after a change of leader', () => {
  it('needs no look while the leader is the same, and none where nothing is known', () => {
    expect(departureOf(batch(10, recordsOf(10, 3, 3)), 10, 3, false)).toBe('none');
    expect(departureOf(batch(10, recordsOf(10, 4)), 10, -1, false)).toBe('none');
    expect(departureOf(batch(0, recordsOf(0, 4)), 0, 3, false)).toBe('none');
  });

  it('is looked at from one record before, once', () => {
    expect(departureOf(batch(10, recordsOf(10, 4)), 10, 3, false)).toBe('look-before');
    expect(departureOf(batch(10, recordsOf(10, 4)), 10, 3, true)).toBe('none');
    expect(departureOf(batch(9, recordsOf(10, 4)), 10, 3, false)).toBe('none'); // a gap before it
  });

  it('goes on where the record before is the one that was applied', () => {
    expect(departureOf(batch(9, recordsOf(9, 3, 4)), 10, 3, false)).toBe('none');
  });

  it('has departed where another record stands in its place, also when nothing follows it yet', () => {
    expect(departureOf(batch(9, recordsOf(9, 4, 4)), 10, 3, false)).toBe('departed');
    expect(departureOf(batch(9, recordsOf(9, 4)), 10, 3, true)).toBe('departed');
    expect(departureOf(batch(0, recordsOf(0, 1, 2, 3, 3, 3, 4, 4, 4, 4, 4)), 10, 3, false)).toBe('departed');
  });

  it('says nothing from records that end well before', () => {
    expect(departureOf(batch(0, recordsOf(0, 1, 4)), 10, 3, false)).toBe('none');
  });
});
