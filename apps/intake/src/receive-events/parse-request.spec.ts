import { CloudEvent, HTTP } from 'cloudevents';
import { HttpProblem } from '#libs/service';
import { parseRequest } from './parse-request.js';

const EVENT = {
  specversion: '1.0',
  id: 'e1',
  source: 's',
  type: 't.x',
  subject: 'ü 1',
  time: '2026-03-05T12:00:00.000Z',
  data: { a: 1 },
};
const parse = (contentType: string | undefined, body: string | Buffer, headers: Record<string, string> = {}) =>
  parseRequest({ ...headers, ...(contentType ? { 'content-type': contentType } : {}) }, Buffer.from(body));
const problemOf = (work: () => unknown): [number, string] => {
  try {
    work();
  } catch (error) {
    return [(error as HttpProblem).status, (error as HttpProblem).problem.code];
  }
  throw new Error('it was not refused');
};

describe('what the reference implementation of CloudEvents sends', () => {
  const event = new CloudEvent({ ...EVENT, revision: 3 } as never);

  it.each(['structured', 'binary'] as const)('in %s mode is read as it was meant', (mode) => {
    const message = HTTP[mode](event);
    const headers = Object.fromEntries(Object.entries(message.headers).map(([k, v]) => [k.toLowerCase(), String(v)]));
    const { events, isSingle } = parseRequest(headers, Buffer.from(String(message.body)));
    expect(isSingle).toBe(true);
    expect(events[0]?.event).toMatchObject({ ...EVENT, revision: 3 });
  });
});

it('reads a batch, a structured event with parameters and lines with blanks', () => {
  const text = JSON.stringify(EVENT);
  expect(parse('application/cloudevents-batch+json', `[${text},${text}]`).events).toHaveLength(2);
  expect(parse('Application/CloudEvents+JSON; charset=UTF-8', `\ufeff${text}`).events).toEqual([{ event: EVENT }]);
  const { events } = parse('application/x-ndjson', `${text}\r\n\n{oops\n${text}`);
  expect(events.map((read) => read.refusal?.code ?? 'read')).toEqual(['read', 'JSON_MALFORMED', 'read']);
});

it('decodes what binary headers percent-encode, and takes revision as a number', () => {
  const headers = { 'ce-id': 'b1', 'ce-subject': 'o%C3%BC', 'ce-note': '100%', 'ce-revision': '2' };
  const { events } = parse('application/json', '{"x":1}', headers);
  expect(events[0]?.event).toEqual({
    id: 'b1',
    subject: 'oü',
    note: '100%',
    revision: 2,
    datacontenttype: 'application/json',
    data: { x: 1 },
  });
});

it('refuses a header that is no attribute', () => {
  expect(parse('application/json', '{}', { 'ce-my_ext': 'x' }).events[0]?.refusal).toMatchObject({
    code: 'FIELD_INVALID',
    pointer: '/my_ext',
  });
  expect(parse('application/json', '{}', { 'ce-data': 'x' }).events[0]?.refusal?.code).toBe('FIELD_INVALID');
});

it('never quotes malformed content', () => {
  const refusal = parse('application/cloudevents+json', '{"name": "Ms Secret"').events[0]?.refusal;
  expect(refusal?.code).toBe('JSON_MALFORMED');
  expect(JSON.stringify(refusal)).not.toContain('Secret');
});

it.each([
  ['application/json', '{}', 415, 'CONTENT_TYPE_UNSUPPORTED'],
  [undefined, '{}', 415, 'CONTENT_TYPE_UNSUPPORTED'],
  ['text/plain', '{}', 415, 'CONTENT_TYPE_UNSUPPORTED'],
  ['application/cloudevents-batch+json', '{}', 400, 'FIELD_INVALID'],
  ['application/cloudevents-batch+json', '[', 400, 'JSON_MALFORMED'],
  ['application/cloudevents-batch+json', `[${'1,'.repeat(1_000)}1]`, 413, 'BATCH_TOO_LARGE'],
  ['application/x-ndjson', '1\n'.repeat(1_001), 413, 'BATCH_TOO_LARGE'],
])('%s %s → %i %s', (contentType, body, status, code) => {
  expect(problemOf(() => parse(contentType, body))).toEqual([status, code]);
});

it('1,000 events are a batch', () => {
  expect(parse('application/x-ndjson', '1\n'.repeat(1_000)).events).toHaveLength(1_000);
});

it('bytes that are no UTF-8 are refused', () => {
  expect(parse('application/cloudevents+json', Buffer.from([0x7b, 0xff, 0x7d])).events[0]?.refusal?.code).toBe(
    'JSON_MALFORMED',
  );
});
