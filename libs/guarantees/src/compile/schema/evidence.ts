import {
  choice,
  duration,
  eventType,
  expression,
  integer,
  list,
  namedExpressions,
  record,
  text,
  type SchemaNode,
} from './node.js';
import { pattern } from './terms.js';

/** A pattern with fields of its own. */
const patternWith = (
  description: string,
  properties: Readonly<Record<string, SchemaNode>>,
  required: readonly string[] = [],
): SchemaNode => record(description, { ...pattern.properties, ...properties }, ['on', ...required]);

const kept = patternWith('Events that keep the promise', {
  piece: expression('Which of several pieces it is', 'event.data.parcel'),
});

const rescheduled = patternWith(
  'Promised again for another time',
  {
    to: expression('The new deadline, an instant', 'event.data.promisedAt'),
    noticeAtLeast: duration('With less notice before due it changes nothing', 'PT24H'),
  },
  ['to'],
);

const paused = patternWith('The clock stands', {
  reason: expression('Why, for those who read it', '"customs"'),
  key: expression(
    'Which pause it is, where several overlap: read from what begins and what ends it',
    'event.data.holdId',
  ),
  until: {
    description: 'What ends it: an event type, a pattern, or a list of them; without it only maxPause',
    examples: ['post.item.customs-out'],
    anyOf: [
      eventType('The type of the events that end it'),
      pattern,
      list('Any of these', { anyOf: [eventType('A type'), pattern] }, 1, 20),
    ],
  },
  effect: choice(
    'clock: time stands; business-day: each started day of it moves the due by a business day',
    ['clock', 'business-day'],
    'clock',
  ),
  maxPause: { ...duration('It ends by itself after this time', 'P14D'), default: 'P90D' },
});

const revoked = patternWith('Takes a fact back', { of: expression('The id of that event', 'event.data.scanId') }, [
  'of',
]);

const owned = patternWith('Who keeps the promise from now on', { owner: expression('The owner', 'event.data.team') }, [
  'owner',
]);

const learned = patternWith(
  'Facts learned after the opening',
  { facts: namedExpressions('What is learned, by name; the latest counts', '{ region: event.data.region }') },
  ['facts'],
);

const source = record(
  'A source that could bring the evidence: while it is silent there is no breach',
  {
    source: { ...text('The CloudEvents source of its events'), examples: ['post/parcels'] },
    by: expression('Which part of it, read from the opening', 'event.data.office'),
  },
  ['source'],
);

export const evidence: SchemaNode = {
  type: 'object',
  description: 'Which facts decide, and how long they may take to arrive',
  examples: ['{ kept: [{ on: shop.order.delivered }] }'],
  properties: {
    kept: list('Any of these keeps the promise', kept, 1, 20),
    failed: list('Any of these breaks it at once, before due', pattern, 0, 20),
    cancelled: list('Any of these ends the promise without liability', pattern, 0, 20),
    rescheduled: list('Promised again', rescheduled, 0, 20),
    rescheduleAtMost: integer('So many of them are accepted', 0, 100),
    firstDeadline: choice(
      'Liability for the first deadline after a re-promise: none, or reduced or full, the first staying due',
      ['nil', 'reduced', 'full'],
      'nil',
    ),
    paused: list('The clock stands', paused, 0, 20),
    revoked: list('Takes facts back', revoked, 0, 20),
    owned: list('Changes of the owner', owned, 0, 20),
    learned: list('Facts learned later', learned, 0, 20),
    sources: list('Sources without which there is no verdict', source, 0, 20),
    unknownAtMost: { ...duration('How long a silent source holds a breach back', 'P7D'), default: 'P7D' },
    resumeGrace: {
      ...duration('After a silent source is back, this and the allowance pass', 'PT10M'),
      default: 'PT1M',
    },
    after: choice('`opened`: a kept fact before the opening does not count', ['opened']),
    allowance: { ...duration('How long after due facts may be on their way', 'PT6H'), default: 'PT0S' },
    correction: { ...duration('How long facts may still change the verdict', 'P14D'), default: 'P7D' },
    completionLimit: { ...duration('How long after due completion is waited for', 'P365D'), default: 'P365D' },
  },
  required: ['kept'],
  additionalProperties: false,
};
