import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readHistory } from './history-file.js';

const EVENT = {
  specversion: '1.0',
  id: '1',
  source: 's',
  type: 't',
  subject: 'x',
  time: '2026-01-01T00:00:00Z',
  data: {},
};

describe('readHistory', () => {
  let dir: string;
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'makegood-history-'))));
  afterEach(() => rmSync(dir, { recursive: true }));

  const file = (name: string, content: string | Buffer): string => {
    writeFileSync(join(dir, name), content);
    return join(dir, name);
  };
  const problem = (path: string): Promise<unknown> =>
    readHistory(path, null).then(
      () => null,
      (error: { problem: unknown }) => error.problem,
    );

  it('takes a line of NDJSON for a CloudEvent, fed when it was learned', async () => {
    const learned = { ...EVENT, receivedat: '2026-01-03T00:00:00+01:00' };
    const path = file('h.ndjson.gz', gzipSync(`${JSON.stringify(EVENT)}\n\n${JSON.stringify(learned)}\n`));
    const { items } = await readHistory(path, null);
    expect(items.map(({ atMs }) => new Date(atMs).toISOString())).toEqual([
      '2026-01-01T00:00:00.000Z',
      '2026-01-02T23:00:00.000Z',
    ]);
    expect(JSON.parse(items[1]?.text ?? '')).toEqual(learned);
  });

  it('takes an empty file for an empty history', async () => {
    expect(await readHistory(file('empty.ndjson', ''), null)).toEqual({ items: [], problems: [] });
  });

  it('says what is wrong with a line, and where', async () => {
    const path = file('bad.ndjson', `${JSON.stringify(EVENT)}\n[1]\n`);
    expect(await problem(path)).toMatchObject({ code: 'LINE_MALFORMED', at: { file: path, line: 2 } });
    const untimed = file('untimed.ndjson', JSON.stringify({ ...EVENT, time: 'yesterday' }));
    expect(await problem(untimed)).toMatchObject({ code: 'TIME_INVALID', at: { line: 1 } });
    expect(await problem(file('broken.ndjson.gz', 'no gzip'))).toMatchObject({ code: 'FILE_BROKEN' });
    expect(await problem(file('orders.csv', 'a,b\n'))).toMatchObject({ code: 'MAP_MISSING' });
  });

  it('makes events of rows by a map, and leaves out the row that gives none, with its reason', async () => {
    const map = file(
      'm.map.yaml',
      [
        'apiVersion: makegood/v1',
        'kind: SourceMap',
        'name: m',
        'source: shop',
        'timeZone: Europe/Berlin',
        'columns: [order, at]',
        'emits:',
        '  - type: shop.order.placed',
        '    id: [row.order, \'"placed"\']',
        '    subject: row.order',
        '    time: { local: row.at }',
        '    data: { customerId: row.order }',
        '',
      ].join('\n'),
    );
    const { items, problems } = await readHistory(
      file('orders.csv', 'order,at\nA,2026-01-01 10:00:00\nB,never\n'),
      map,
    );
    expect(items.map(({ atMs }) => new Date(atMs).toISOString())).toEqual(['2026-01-01T09:00:00.000Z']);
    expect(problems).toMatchObject([{ at: { line: 3 } }]);
  });
});
