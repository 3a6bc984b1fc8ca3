import type { RecordHeaders } from '#libs/messaging';
import { readRecord } from './read-record.js';

const read = (value: string, headers?: RecordHeaders) =>
  readRecord({
    topic: 't',
    partition: 0,
    offset: 0,
    timestampMs: 0,
    key: null,
    value: Buffer.from(value),
    ...(headers ? { headers } : {}),
  });
const ATTRIBUTES = { ce_specversion: Buffer.from('1.0'), ce_id: Buffer.from('k1'), ce_revision: '4' };

it.each([undefined, {}, { 'content-type': Buffer.from('application/cloudevents+json; charset=utf-8') }])(
  'structured: headers %j',
  (headers) => {
    expect(read('{"id":"a"}', headers)).toEqual({ event: { id: 'a' } });
  },
);

it('binary: attributes from headers, data from the value', () => {
  expect(read('{"x":1}', { ...ATTRIBUTES, 'content-type': Buffer.from('application/json') })).toEqual({
    event: { specversion: '1.0', id: 'k1', revision: 4, datacontenttype: 'application/json', data: { x: 1 } },
  });
});

it('structured wins where content-type says so, whatever other headers there are', () => {
  expect(read('{"id":"a"}', { ...ATTRIBUTES, 'content-type': 'application/cloudevents+json' })).toEqual({
    event: { id: 'a' },
  });
});

it.each([
  ['', {}, 'JSON_MALFORMED'],
  ['{', {}, 'JSON_MALFORMED'],
  ['<x/>', { ...ATTRIBUTES, 'content-type': 'application/xml' }, 'FIELD_INVALID'],
])('%j is refused', (value, headers, code) => {
  expect(read(value, headers).refusal?.code).toBe(code);
});
