import { chunksOf } from './chunks.js';

const record = (partition: number, value = 'x') => ({ topic: 't', partition, key: 'k', value });

describe('chunksOf', () => {
  it('keeps the order and gives no partition more than 1,000 records a send', () => {
    const records = Array.from({ length: 2_500 }, (_, i) => record(i % 2, String(i)));
    const chunks = [...chunksOf(records)];
    expect(chunks.flat()).toEqual(records);
    for (const chunk of chunks)
      for (const p of [0, 1])
        expect(chunk.filter(({ partition }) => partition === p).length).toBeLessThanOrEqual(1_000);
  });

  it('starts a new send beyond 4 MiB', () => {
    const big = record(0, 'x'.repeat(3 * 1024 * 1024));
    expect([...chunksOf([big, big, big])].map((chunk) => chunk.length)).toEqual([2, 1]);
  });

  it('makes nothing of nothing', () => {
    expect([...chunksOf([])]).toEqual([]);
  });
});
