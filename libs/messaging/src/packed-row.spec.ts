import fc from 'fast-check';
import { countOf, packRecords, unpackRow } from './packed-row.js';
import { recordsOf } from './row-publisher.js';

const text = fc.string({ unit: 'grapheme', maxLength: 30 });
const record = fc.record(
  {
    topic: fc.constant('t'),
    partition: fc.nat(1_000),
    key: text,
    value: text.map((each) => each.replaceAll('\n', '')),
    timestampMs: fc.integer({ min: 0, max: 4_133_980_799_999 }),
  },
  { requiredKeys: ['topic', 'partition', 'key', 'value'] },
);
const rowOf = (bytes: string | Buffer) => ({ topic: 't', bytes: Buffer.from(bytes as string) });

describe('packed rows', () => {
  it('give back what was packed: empty keys and values, every script, pairs of surrogates', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 20 }), (records) => {
        const row = { topic: 't', bytes: packRecords(records) };
        expect(recordsOf(row)).toEqual(records);
        expect(countOf(row)).toBe(records.length);
      }),
    );
    const records = [
      { topic: 't', partition: 0, key: '', value: '' },
      { topic: 't', partition: 1, key: '日本 "é"\n\\', value: '{"said":"😀 Łódź"}', timestampMs: 1 },
      { topic: 't', partition: 2, key: '😀', value: '' },
    ];
    expect(recordsOf({ topic: 't', bytes: packRecords(records) })).toEqual(records);
  });

  it('are read as older versions wrote them, as text in the database', () => {
    const row = rowOf('3 - "k 1 \\"x\\"\\n"\n{"n":1}\n11 1500000000000 "é日"\n{"n":"😀"}');
    expect(recordsOf(row)).toEqual([
      { topic: 't', partition: 3, key: 'k 1 "x"\n', value: '{"n":1}' },
      { topic: 't', partition: 11, key: 'é日', value: '{"n":"😀"}', timestampMs: 1_500_000_000_000 },
    ]);
    expect([countOf(row), countOf(rowOf('')), recordsOf(rowOf(''))]).toEqual([2, 0, []]);
  });

  it('are not copied: values are parts of them', () => {
    const row = rowOf('0 - "k"\nvalue');
    const [{ value } = { value: Buffer.alloc(0) }] = unpackRow(row);
    expect(value.buffer).toBe(row.bytes.buffer);
  });

  it('refuse a value with a raw newline, which would tear the row apart', () => {
    expect(() => packRecords([{ topic: 'a', partition: 0, key: 'k', value: '{\n}' }])).toThrow('raw newline');
  });
});
