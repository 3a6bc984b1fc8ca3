import { HttpProblem } from '#libs/service';
import { readRows } from './read-rows.js';

const read = (contentType: string, body: string) => readRows(contentType, Buffer.from(body));

it('reads CSV with its header; a row of another length stands alone', () => {
  const { rows, header } = read('text/csv; charset=utf-8', '\ufeffa,b\n1,"x,\ny"\n2\n\n3,\n');
  expect(header).toEqual(['a', 'b']);
  expect(rows.map((row) => row.refusal?.detail ?? row.row)).toEqual([
    { a: '1', b: 'x,\ny' },
    'the row: 2 fields were expected, found 1',
    { a: '3', b: '' },
  ]);
});

it('reads documents: one, an array, one a line', () => {
  expect(read('application/json', '{"a":1}').rows).toEqual([{ row: { a: 1 } }]);
  expect(read('application/json', '[{"a":1},7]').rows).toMatchObject([
    { row: { a: 1 } },
    { refusal: { code: 'FIELD_INVALID' } },
  ]);
  expect(read('application/x-ndjson', '{"a":1}\n{').rows).toMatchObject([
    { row: { a: 1 } },
    { refusal: { code: 'JSON_MALFORMED' } },
  ]);
});

it.each([
  ['text/xml', '<a/>', 415],
  ['application/json', '{', 400],
  ['text/csv', '', 400],
  ['text/csv', 'a\n"x', 400],
  ['text/csv', `a\n${'1\n'.repeat(10_001)}`, 413],
])('%s is refused with %i', (contentType, body, status) => {
  expect(() => read(contentType, body)).toThrow(HttpProblem);
  try {
    read(contentType, body);
  } catch (error) {
    expect((error as HttpProblem).status).toBe(status);
  }
});
