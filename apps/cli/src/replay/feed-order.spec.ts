import { inBatches, inTimeOrder, tickAt, TICK_EVERY_MS, withTicks, type FeedItem } from './feed-order.js';

const HOUR = TICK_EVERY_MS;
const event = (atMs: number, text = `e${atMs}`): FeedItem => ({ atMs, text });
const shown = (items: Iterable<FeedItem>): string[] =>
  [...items].map((item) => (item.tick ? `tick ${item.atMs / HOUR}` : item.text));

describe('inTimeOrder', () => {
  it('keeps the order of the file within a millisecond', () => {
    expect(shown(inTimeOrder([event(5, 'c'), event(1, 'b'), event(5, 'd'), event(1, 'a')]))).toEqual([
      'b',
      'a',
      'c',
      'd',
    ]);
  });
});

describe('withTicks', () => {
  it('puts a tick at each full hour, beginning with the hour of the first event, and a last one at the end', () => {
    const items = [event(10.5 * HOUR, 'a'), event(12.5 * HOUR, 'b')];
    expect(shown(withTicks(items, 14 * HOUR))).toEqual([
      'tick 10',
      'a',
      'tick 11',
      'tick 12',
      'b',
      'tick 13',
      'tick 14',
    ]);
  });

  it('ends at the last event when nobody says until when', () => {
    expect(shown(withTicks([event(10.5 * HOUR, 'a')], null))).toEqual(['tick 10', 'a', 'tick 10.5']);
  });

  it('tells the facts of an hour before its tick: a fact at the due itself is in time', () => {
    const items = [event(10 * HOUR, 'a'), event(11 * HOUR, 'b'), event(11 * HOUR + 1, 'c')];
    expect(shown(withTicks(items, 12 * HOUR))).toEqual(['a', 'tick 10', 'b', 'tick 11', 'c', 'tick 12']);
  });

  it('does not turn the clock back for events out of order', () => {
    const items = [
      event(10.6 * HOUR, 'a'),
      event(12.1 * HOUR, 'b'),
      event(10.2 * HOUR, 'late'),
      event(13.1 * HOUR, 'c'),
    ];
    expect(shown(withTicks(items, null))).toEqual([
      'tick 10',
      'a',
      'tick 11',
      'tick 12',
      'b',
      'late',
      'tick 13',
      'c',
      'tick 13.1',
    ]);
  });

  it('leaves out what is later than the end', () => {
    expect(shown(withTicks([event(10 * HOUR, 'a'), event(20 * HOUR, 'later')], 11 * HOUR))).toEqual([
      'a',
      'tick 10',
      'tick 11',
    ]);
  });

  it('gives an empty history one tick, at its end if it has one', () => {
    expect(shown(withTicks([], 7 * HOUR))).toEqual(['tick 7']);
    expect(shown(withTicks([], null))).toEqual([]);
  });

  it('names ticks by their instant, so that a replay repeated repeats them', () => {
    expect(tickAt(HOUR)).toEqual(tickAt(HOUR));
    expect(JSON.parse(tickAt(HOUR).text)).toMatchObject({
      source: 'makegood/replay',
      type: 'makegood.tick',
      time: '1970-01-01T01:00:00.000Z',
      data: { everyMs: HOUR, silent: [] },
    });
  });
});

describe('inBatches', () => {
  it('cuts by lines and by bytes, and lets an oversized event go alone', () => {
    const items = [event(1, 'aa'), event(2, 'bb'), event(3, 'c'), event(4, 'd'.repeat(50)), event(5, 'é')];
    expect([...inBatches(items, 2, 20)].map(({ body }) => body)).toEqual([
      'aa\nbb\n',
      'c\n',
      `${'d'.repeat(50)}\n`,
      'é\n',
    ]);
    expect([...inBatches([event(1, 'éé'), event(2, 'é')], 9, 7)].map(({ items: batch }) => batch.length)).toEqual([
      1, 1,
    ]);
  });
});
