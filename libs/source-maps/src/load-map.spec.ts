import { FileError, loadMap } from './index.js';
import { localInstant } from './local-instant.js';
import { formatInstant } from '#libs/kernel';

const HEAD = `apiVersion: makegood/v1
kind: SourceMap
name: parcels
source: post/parcels
timeZone: Europe/Berlin
columns: [item, sender, scanned_at, postage, status]
emits:
`;
const MAP = `${HEAD}  - type: post.item.accepted
    when: status != "void"
    id: [item, status]
    subject: item
    time: { local: scanned_at }
    data:
      sender: { id: sender }
      postage: money(postage, "EUR")
      note: row.note
`;
const ROW = { item: 'RR1', sender: 'c-9', scanned_at: '2026-03-05 12:00:01', postage: '490', status: 'in', note: 'x' };

const problemsOf = (text: string) => {
  try {
    loadMap(text, 'maps/parcels.yaml');
  } catch (error) {
    return (error as FileError).problems;
  }
  return [];
};

describe('a row becomes events', () => {
  it('with a derived id, a UTC time, nested data and money', () => {
    const { events } = loadMap(MAP, 'm.yaml').events(ROW, 1);
    expect(events).toEqual([
      {
        specversion: '1.0',
        id: 'post.item.accepted:RR1/in',
        source: 'post/parcels',
        type: 'post.item.accepted',
        subject: 'RR1',
        time: '2026-03-05T11:00:01.000Z',
        datacontenttype: 'application/json',
        data: { sender: { id: 'c-9' }, postage: { amountMinor: 490, currency: 'EUR' }, note: 'x' },
      },
    ]);
  });

  it('the same row gives the same id, another field value another', () => {
    const map = loadMap(MAP, 'm.yaml');
    const idOf = (row: object) => map.events(row as never, 1).events?.[0]?.id;
    expect(idOf(ROW)).toBe(idOf({ ...ROW, postage: '1' }));
    expect(idOf(ROW)).not.toBe(idOf({ ...ROW, status: 'out' }));
  });

  it('keeps ids apart, and within 200 characters', () => {
    const map = loadMap(MAP, 'm.yaml');
    const idOf = (item: string, status: string) => map.events({ ...ROW, item, status }, 1).events?.[0]?.id;
    expect(idOf('a/b', 'c')).toBe('post.item.accepted:a%2Fb/c');
    expect(idOf('a', 'b/c')).toBe('post.item.accepted:a/b%2Fc');
    expect(idOf('a'.repeat(300), 'c')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('leaves out what is empty', () => {
    const { events } = loadMap(MAP.replace('row.note', 'status'), 'm.yaml').events(
      { ...ROW, sender: '', postage: '' },
      1,
    );
    expect(events?.[0]?.data).toEqual({ note: 'in' });
  });

  it('gives nothing where `when` is not true', () => {
    expect(loadMap(MAP, 'm.yaml').events({ ...ROW, status: 'void' }, 1)).toEqual({ events: [] });
  });

  it.each([
    [
      { scanned_at: 'yesterday' },
      'row 7, post.item.accepted, time: a local time YYYY-MM-DDTHH:MM:SS was expected, found "yesterday"',
    ],
    [{ scanned_at: '' }, 'row 7, post.item.accepted, time: a time was expected, the field is empty'],
    [{ item: '' }, 'row 7, post.item.accepted, id: a value was expected, the field is empty'],
    [{ postage: '4.90' }, 'row 7, post.item.accepted, data.postage: a whole number was expected, found "4.90"'],
    [{ note: '' }, 'row 7, post.item.accepted, data.note: No such key: note'],
  ])('refuses %j with the reason', (change, detail) => {
    expect(loadMap(MAP, 'm.yaml').events({ ...ROW, ...change }, 7).problem).toEqual({ code: 'ROW_INVALID', detail });
  });

  it('says which declared columns a file lacks', () => {
    const header = ['item', 'sender', 'scaned_at', 'postage', 'status'];
    expect(loadMap(MAP, 'm.yaml').missingColumns(header)).toMatchObject([
      { code: 'MAP_COLUMN_MISSING', advice: expect.stringContaining('Did you mean `scaned_at`?') },
    ]);
  });
});

describe('a wrong map is refused with place and nearest name', () => {
  it.each([
    ['unknown field', MAP.replace('subject:', 'subjekt:'), 'MAP_UNKNOWN_FIELD', 11, 5, 'Did you mean `subject`?'],
    [
      'unknown column',
      MAP.replace('subject: item', 'subject: itm'),
      'MAP_UNKNOWN_COLUMN',
      11,
      14,
      'Did you mean `item`?',
    ],
    ['unknown function', MAP.replace('money(', 'mony('), 'MAP_EXPRESSION', 15, 16, 'Did you mean `money`?'],
    ['syntax', MAP.replace('"void"', ''), 'MAP_EXPRESSION', 9, 20, 'Expressions are CEL'],
    ['zone', MAP.replace('Europe/Berlin', 'Europe/Berlim'), 'MAP_FIELD_INVALID', 5, 11, undefined],
    ['YAML', MAP.replace('[item, status]', '[item, status'), 'MAP_SYNTAX', 11, 5, undefined],
  ])('%s', (_, text, code, line, column, advice) => {
    const found = problemsOf(text).find((problem) => problem.code === code);
    expect(found).toMatchObject({ code, at: { file: 'maps/parcels.yaml', line, column } });
    if (advice) expect(found?.advice).toContain(advice);
  });

  it('tells a missing field and a missing zone', () => {
    const codes = problemsOf(MAP.replace('    subject: item\n', '')).map(({ code, detail }) => `${code} ${detail}`);
    expect(codes).toEqual(['MAP_FIELD_MISSING `emits.0.subject` is missing']);
    expect(problemsOf(MAP.replace('timeZone: Europe/Berlin\n', ''))).toMatchObject([{ code: 'MAP_FIELD_MISSING' }]);
  });
});

describe('local times', () => {
  it.each([
    ['America/Sao_Paulo', '2017-06-01T12:00:00', '2017-06-01T15:00:00.000Z'],
    ['America/Sao_Paulo', '2018-02-17T23:30:00', '2018-02-18T01:30:00.000Z'], // repeated hour: the first, -02:00
    ['America/Sao_Paulo', '2018-02-18T00:00:00', '2018-02-18T03:00:00.000Z'],
    ['America/Sao_Paulo', '2017-10-15T00:30:00', '2017-10-15T03:30:00.000Z'], // skipped hour
    ['Europe/Berlin', '2026-10-25 02:30', '2026-10-25T00:30:00.000Z'],
    ['Europe/Berlin', '2026-10-25 03:00', '2026-10-25T02:00:00.000Z'],
    ['UTC', '2026-01-01T00:00:00.5', '2026-01-01T00:00:00.500Z'],
  ])('%s %s', (zone, text, expected) => {
    expect(formatInstant(localInstant(zone, text) as number)).toBe(expected);
  });

  it.each(['2026-02-30T00:00:00', '2026-01-01', '2026-01-01T24:00:00', '1969-01-01T00:00:00', ''])(
    '%j is none',
    (text) => {
      expect(localInstant('UTC', text)).toBeNull();
    },
  );
});
