import { ROUNDINGS } from '../../expressions/amount.js';
import { holdingProperties } from '../holding-schema.js';
import { due } from './due.js';
import { evidence } from './evidence.js';
import { choice, expression, integer, list, text, type SchemaNode } from './node.js';
import { opens } from './opens.js';
import { remedy } from './remedy.js';
import { remedyTermProperties } from './remedy-terms.js';
import { zone } from './terms.js';

/** The guarantee language, `apiVersion: makegood/v1`, as JSON Schema 2020-12. */
export const guaranteeJsonSchema: SchemaNode & {
  readonly $schema: string;
  readonly $id: string;
  readonly title: string;
} = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:makegood:guarantee:v1',
  title: 'makegood guarantee',
  type: 'object',
  description: 'One promise with a deadline, made to customers, and what they get when it is missed',
  properties: {
    apiVersion: choice('The version of this language', ['makegood/v1']),
    kind: choice('What this file is', ['Guarantee']),
    name: { ...text('Its name, as the file is called', 63), examples: ['order-delivery'], 'x-kind': 'name' },
    version: { ...integer('Rises with every change of the terms', 1, 1_000_000), examples: [1] },
    title: {
      ...text('What is promised, in words a customer understands'),
      examples: ['Delivered in time, or the freight back'],
    },
    promiseType: choice('The kind of time commitment', ['reservation', 'response', 'waiting', 'service', 'delivery']),
    currency: { ...text('ISO 4217 currency of money("…")', 3), examples: ['EUR'], 'x-kind': 'currency' },
    timeZone: { ...zone, description: 'The zone in which the promise is told' },
    source: text('Where the terms come from', 1_000),
    covers: expression('Which openings it takes', 'event.data.product == "EMS"'),
    opens,
    due,
    evidence,
    mode: choice('shadow: decided and explained, nothing asked of anyone', ['live', 'shadow'], 'live'),
    effectiveFrom: {
      ...text('Openings that occurred before are not covered: a local date or an instant', 40),
      examples: ['2026-01-01'],
      'x-kind': 'date',
    },
    announce: choice('consequences: nothing until a first breach', ['all', 'consequences'], 'all'),
    rounding: choice('How a fraction of a minor unit is settled, once', ROUNDINGS, 'half-up'),
    remedies: list('What is owed for a breach: all that hold, added', remedy, 0, 20),
    ...remedyTermProperties,
    ...holdingProperties,
  },
  required: [
    'apiVersion',
    'kind',
    'name',
    'version',
    'title',
    'promiseType',
    'currency',
    'timeZone',
    'opens',
    'due',
    'evidence',
  ],
  additionalProperties: false,
  'x-later': ['openWithin', 'excuses', 'warn', 'extends', 'onReopen', 'calendar', 'tables'],
};
