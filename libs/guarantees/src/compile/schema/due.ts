import { duration, expression, type SchemaNode } from './node.js';
import { zone } from './terms.js';

export const due: SchemaNode = {
  type: 'object',
  description: 'The deadline, inclusive to the millisecond: exactly one of at, within, by',
  examples: ['{ within: PT3M }'],
  properties: {
    at: expression('An instant that the event carries', 'event.data.promisedAt'),
    within: duration('Elapsed time from the opening, or from `from`', 'PT3M'),
    from: expression('The instant from which `within` runs', 'event.data.startedAt'),
    by: {
      type: 'object',
      description: 'Civil time',
      properties: { endOf: expression('A local date: due is the end of that day', 'event.data.promisedDate') },
      required: ['endOf'],
      additionalProperties: false,
      'x-later': ['days', 'businessDays', 'close', 'time', 'calendar'],
    },
    zone: { ...zone, description: 'The zone in which `by` counts; the guarantee’s own if not given' },
  },
  additionalProperties: false,
  'x-later': ['calendar', 'table', 'either', 'peak', 'unit'],
};
