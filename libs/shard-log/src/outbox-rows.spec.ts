import { packOutbox, unpackOutbox } from './outbox-rows.js';

describe('outbox rows', () => {
  it('hold one row per publishing shard and topic, and give the records back in order', () => {
    const records = [
      { topic: 'a', partition: 3, key: 'k 1 "x"\n', value: '{"n":1}' },
      { topic: 'b', partition: 0, key: '', value: '{"n":2}', timestampMs: 1_500_000_000_000 },
      { topic: 'a', partition: 4, key: 'é日', value: '{"n":3}' },
      { topic: 'a', partition: 7, key: 'z', value: '{"n":4}', shard: 7 },
    ];
    const rows = packOutbox(3, records);
    expect(rows.map(({ shard, topic }) => [shard, topic])).toEqual([
      [3, 'a'],
      [3, 'b'],
      [7, 'a'],
    ]);
    expect(rows.flatMap(unpackOutbox)).toEqual([
      records[0],
      records[2],
      records[1],
      { topic: 'a', partition: 7, key: 'z', value: '{"n":4}' },
    ]);
  });

  it('refuses a value with a raw newline, which would tear the row apart', () => {
    expect(() => packOutbox(0, [{ topic: 'a', partition: 0, key: 'k', value: '{\n}' }])).toThrow('raw newline');
  });
});
