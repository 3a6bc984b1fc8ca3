import { eventLines } from './send.js';

describe('eventLines', () => {
  const texts = (text: string): string[] => eventLines(text).map((line) => line.text);

  it('takes one event, an array of them, or lines', () => {
    expect(texts('{\n "id": "1"\n}\n')).toEqual(['{"id":"1"}']);
    expect(texts('[{"id":"1"}, {"id":"2"}]')).toEqual(['{"id":"1"}', '{"id":"2"}']);
    expect(texts('{"id":"1"}\n\n{"id":"2"}\r\n')).toEqual(['{"id":"1"}', '{"id":"2"}']);
  });

  it('hands on what is no JSON, for intake to refuse by its index', () => {
    expect(texts('{"id":"1"}\nnonsense')).toEqual(['{"id":"1"}', 'nonsense']);
  });
});
