import { ROUNDINGS } from '../expressions/amount.js';
import {
  choice,
  duration,
  eventType,
  expression,
  integer,
  list,
  namedExpressions,
  text,
  type SchemaNode,
} from './schema-node.js';

const zone: SchemaNode = {
  ...text('A time zone of the tz database'),
  examples: ['America/Sao_Paulo'],
  'x-kind': 'zone',
};

const pattern: SchemaNode = {
  type: 'object',
  description: 'Events of a type, if need be under a condition',
  properties: {
    on: eventType('The type of the events'),
    when: expression('Only events for which this holds', 'event.data.author != "bot"'),
  },
  required: ['on'],
  additionalProperties: false,
};

const opens: SchemaNode = {
  type: 'object',
  description: 'Which events open a promise, and what it takes from them',
  examples: ['{ on: shop.order.placed }'],
  properties: {
    ...pattern.properties,
    customer: expression('Whose promise it is; without one it is made to anonymous:<subject>', 'event.data.customerId'),
    payer: expression('Who gets the money, where it is not the customer', 'event.data.payerId'),
    recipient: expression('To whom it was promised as well', 'event.data.to.id'),
    owner: expression('Who keeps the promise: a person or a team', 'event.data.office'),
    group: expression('What the thing belongs to: an order of several parcels, a stay', 'event.data.orderId'),
    cycle: expression('Tells several promises about one subject apart', 'event.id'),
    refs: namedExpressions('Numbers that others know it by', '{ order: subject }'),
    base: namedExpressions('Amounts that remedies refer to', '{ freight: event.data.freight }'),
    facts: namedExpressions('What else is kept with the promise', '{ region: event.data.region }'),
  },
  required: ['on'],
  additionalProperties: false,
  'x-later': ['onReopen', 'debounce', 'each', 'count'],
};

const due: SchemaNode = {
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

const evidence: SchemaNode = {
  type: 'object',
  description: 'Which facts decide, and how long they may take to arrive',
  examples: ['{ kept: [{ on: shop.order.delivered }] }'],
  properties: {
    kept: list('Any of these keeps the promise', pattern, 1, 20),
    cancelled: list('Any of these ends the promise without liability', pattern, 0, 20),
    after: choice('`opened`: a kept fact before the opening does not count', ['opened']),
    allowance: { ...duration('How long after due facts may be on their way', 'PT6H'), default: 'PT0S' },
    correction: { ...duration('How long facts may still change the verdict', 'P14D'), default: 'P7D' },
    completionLimit: { ...duration('How long after due completion is waited for', 'P365D'), default: 'P365D' },
  },
  required: ['kept'],
  additionalProperties: false,
  'x-later': [
    'failed',
    'rescheduled',
    'paused',
    'revoked',
    'owned',
    'sources',
    'unknownAtMost',
    'resumeGrace',
    'maxPause',
  ],
};

const remedy: SchemaNode = {
  type: 'object',
  description: 'What is owed for a breach',
  properties: {
    id: { ...text('Its name within the guarantee; part of the line ids, so it never changes', 60), 'x-kind': 'name' },
    kind: choice('What it is', ['refund', 'credit', 'voucher', 'points', 'apology', 'notice', 'gift', 'callback']),
    amount: expression('Money, for refund, credit and voucher', 'base.freight', 'percent(base.nightRate, 10)'),
    points: integer('Loyalty points, for points', 1, 1_000_000_000),
    template: { ...text('Name of the text, for apology and notice', 100), 'x-kind': 'name' },
    item: text('What is given, for gift'),
    nature: choice('What the payment is in the books', ['price-reduction', 'damages', 'goodwill', 'penalty']),
    label: text('What the line is called, where it is not its kind', 60),
    when: expression('Only if this holds', 'lateness > duration("1h")'),
    payWithin: duration('Finance pays within, from the decision', 'P30D'),
    party: choice('Whom words go to', ['customer', 'payer', 'recipient'], 'customer'),
    expiresWithin: duration('How long a voucher is good, from the decision', 'P365D'),
  },
  required: ['id', 'kind'],
  additionalProperties: false,
  'x-later': [
    'tiers',
    'per',
    'minimum',
    'maximum',
    'best',
    'onRequest',
    'claimWithin',
    'route',
    'tax',
    'afterPayment',
    'afterSent',
    'approvalAbove',
    'rates',
    'penalty',
  ],
};

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
  'x-later': [
    'openWithin',
    'excuses',
    'warn',
    'extends',
    'approval',
    'budget',
    'breaker',
    'holdIf',
    'handling',
    'quietHours',
    'onReopen',
    'suspended',
    'settle',
    'combine',
    'calendar',
    'tables',
  ],
};
