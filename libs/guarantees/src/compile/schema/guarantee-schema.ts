import { ROUNDINGS } from '../../expressions/amount.js';
import { holdingProperties } from '../holding-schema.js';
import { due } from './due.js';
import { evidence } from './evidence.js';
import { excuses } from './excuses.js';
import { choice, duration, expression, integer, list, record, text, type SchemaNode } from './node.js';
import { opens } from './opens.js';
import { remedy } from './remedy.js';
import { remedyTermProperties } from './remedy-terms.js';
import { zone } from './terms.js';
import { bands, warn } from './warn.js';

/** What a guarantee needs, whether it says so itself or the one that it extends does. */
const NEEDED = ['title', 'promiseType', 'currency', 'timeZone', 'opens', 'due', 'evidence'];
/** What each file says itself. */
const OWN = ['apiVersion', 'kind', 'name', 'version'];

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
    excuses,
    warn,
    bands,
    mode: choice('shadow: decided and explained, nothing asked of anyone', ['live', 'shadow'], 'live'),
    effectiveFrom: {
      ...text('Openings that occurred before are not covered: a local date or an instant', 40),
      examples: ['2026-01-01'],
      'x-kind': 'date',
    },
    openWithin: duration('An opening learned of later than this is reported, and its lines are held', 'P3D'),
    extends: {
      ...text('The guarantee that this one changes: its name, or name@version', 80),
      examples: ['order-delivery'],
    },
    family: record('Among guarantees of one family that cover an opening', {
      name: { ...text('What they have in common', 63), 'x-kind': 'name' },
      choose: choice('all open a promise, or only the first by rank', ['all', 'first'], 'first'),
      rank: integer('The lowest comes first', -1_000, 1_000),
    }),
    announce: choice('consequences: nothing until a first breach', ['all', 'consequences'], 'all'),
    rounding: choice('How a fraction of a minor unit is settled, once', ROUNDINGS, 'half-up'),
    remedies: list('What is owed for a breach: all that hold, added', remedy, 0, 20),
    ...remedyTermProperties,
    ...holdingProperties,
  },
  required: OWN,
  anyOf: [{ required: NEEDED }, { required: ['extends'] }],
  additionalProperties: false,
};

/** As the compiler checks it once a guarantee and those that it extends are one. */
export const wholeGuaranteeSchema: SchemaNode = {
  ...guaranteeJsonSchema,
  anyOf: [],
  required: [...OWN, ...NEEDED],
};
