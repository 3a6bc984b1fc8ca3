import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TopicFiles } from './topic-files.js';

describe('TopicFiles', () => {
  let dir: string;
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'makegood-files-'))));
  afterEach(() => rmSync(dir, { recursive: true }));

  const write = (records: readonly [number, string][]): string => {
    const files = new TopicFiles(dir, ['t.v1', 'empty.v1']);
    for (const [partition, text] of records) files.add({ topic: 't.v1', partition, offset: '0', text });
    files.close();
    return readFileSync(join(dir, 't.v1.ndjson'), 'utf8');
  };

  it('gives the same file however the partitions were interleaved', () => {
    const file = write([
      [10, 'x'],
      [2, 'a'],
      [10, 'y'],
      [2, 'b'],
    ]);
    expect(file).toBe('a\nb\nx\ny\n');
    expect(
      write([
        [2, 'a'],
        [10, 'x'],
        [2, 'b'],
        [10, 'y'],
      ]),
    ).toBe(file);
    expect(readdirSync(dir).sort()).toEqual(['empty.v1.ndjson', 't.v1.ndjson']);
  });
});
