import { eventType, expression, text, type SchemaNode } from './node.js';

export const zone: SchemaNode = {
  ...text('A time zone of the tz database'),
  examples: ['America/Sao_Paulo'],
  'x-kind': 'zone',
};

export const pattern: SchemaNode = {
  type: 'object',
  description: 'Events of a type, if need be under a condition',
  properties: {
    on: eventType('The type of the events'),
    when: expression('Only events for which this holds', 'event.data.author != "bot"'),
  },
  required: ['on'],
  additionalProperties: false,
};
