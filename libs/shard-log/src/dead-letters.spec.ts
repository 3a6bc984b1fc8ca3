import type { DeadLetterEvent } from '#libs/contracts';
import type { LogRecord } from '#libs/messaging';
import { deadLetterIdOf, deadLetterOf } from './dead-letters.js';
import type { Rejected } from './processor.js';

const record: LogRecord = {
  ...{ topic: 'in', partition: 3, offset: 17, timestampMs: Date.UTC(2026, 2, 2), key: 'k' },
  value: Buffer.from('{"id":"1"}'),
};
const letterOf = (rejected: Partial<Rejected>): DeadLetterEvent => {
  const { value } = deadLetterOf('timer', 'dlq', { record, reason: 'R', detail: 'd', ...rejected });
  return JSON.parse(value) as DeadLetterEvent;
};

it('a letter is named by the place of its record: the same again is the same letter, byte for byte', () => {
  expect(letterOf({})).toEqual(letterOf({}));
  expect(letterOf({})).toMatchObject({ subject: 'k', data: { topic: 'in', partition: 3, offset: '17' } });
  expect(letterOf({ record: { ...record, offset: 18 } }).id).not.toBe(letterOf({}).id);
});

it('a letter of another occasion is another letter about the same place', () => {
  const waited = letterOf({ occasion: 'waited' });
  expect(waited.id).not.toBe(letterOf({}).id);
  expect(waited.id).toBe(letterOf({ occasion: 'waited' }).id);
  expect(waited.data).toEqual(letterOf({}).data);
});

it('a record that was copied keeps the letter of its first place', () => {
  const first = { topic: 't', partition: 3, offset: 41 };
  const headers = { 'makegood-copied-from': Buffer.from(JSON.stringify({ partition: 3, offset: 41 })) };
  expect(deadLetterIdOf('sla-timer', { topic: 't', partition: 5, offset: 7, headers })).toBe(
    deadLetterIdOf('sla-timer', first),
  );
});
