import { choice, duration, expression, integer, namedExpressions, text, type SchemaNode } from './schema/node.js';

const amount = (description: string, example: string): SchemaNode => expression(description, example, 'money("50.00")');

const budget = (description: string): SchemaNode => ({
  type: 'object',
  description,
  examples: ['{ amount: 5000.00, per: month }'],
  properties: {
    amount: amount('The sum that may be asked for in the period', '5000.00'),
    per: choice('The calendar period, in the guarantee’s zone', ['day', 'week', 'month', 'quarter', 'year']),
  },
  required: ['amount', 'per'],
  additionalProperties: false,
});

/** Fields of a guarantee that say what is held back and how it leaves; part of the language's schema. */
export const holdingProperties: Readonly<Record<string, SchemaNode>> = {
  approval: {
    type: 'object',
    description: 'Lines above an amount wait for a person’s approval',
    examples: ['{ above: 50.00, secondAbove: 500.00 }'],
    properties: {
      above: amount('Above this one approval', '50.00'),
      secondAbove: amount('Above this a second person’s as well', '500.00'),
    },
    required: ['above'],
    additionalProperties: false,
  },
  budget: budget('What is asked for in a period over all customers; lines beyond it are held, never dropped'),
  budgetPerCustomer: budget('The same for each customer'),
  breaker: {
    type: 'object',
    description: 'Holds everything while far more is breached than usual: a storm, or a broken feed',
    examples: ['{ holdIf: breaches > 5 * usual, region: facts.region }'],
    properties: {
      holdIf: { ...text('The condition, in this form'), examples: ['breaches > 5 * usual'] },
      factor: integer('The same by its number alone', 2, 1_000),
      usualAtLeast: { ...integer('Usual is never less than this', 1, 1_000_000_000), default: 20 },
      region: expression('Breaches are counted apart by this', 'facts.region'),
    },
    additionalProperties: false,
  },
  afterPayment: choice(
    'What becomes of money paid that is not owed any more',
    ['absorb', 'offset', 'claw-back'],
    'absorb',
  ),
  clawBackCap: amount('claw-back: the most that is asked back; the rest is absorbed', '20.00'),
  afterSent: choice('What becomes of an apology sent when the miss is taken back', ['leave', 'correct'], 'leave'),
  unclaimed: {
    type: 'object',
    description: 'Money set aside since there is no way to pay whom it belongs to: claimable by its reference',
    examples: ['{ remindAfter: P30D, claimWithin: P1095D }'],
    properties: {
      remindAfter: { ...duration('When its beneficiary is reminded, once', 'P30D'), default: 'P30D' },
      claimWithin: duration('How long it may be claimed; without it at any time', 'P1095D'),
    },
    additionalProperties: false,
  },
  route: expression(
    'How money leaves: `topic`, `export:<name>` or `webhook:<name>`, or an expression that gives one',
    'export:bank',
  ),
  quietHours: {
    type: 'object',
    description:
      'Words wait until these hours are over, by the customer’s own zone; where it is not known, the guarantee’s',
    examples: ['{ from: "21:00", to: "08:00" }'],
    properties: {
      from: { ...text('Their beginning', 5), examples: ['21:00'] },
      to: { ...text('Their end', 5), examples: ['08:00'] },
    },
    required: ['from', 'to'],
    additionalProperties: false,
  },
  handling: {
    type: 'object',
    description: 'Where a person calls instead of a text being sent',
    examples: ['{ personal: facts.segment == "vip", by: "Ana Novak" }'],
    properties: {
      personal: expression('Where this holds', 'facts.segment == "vip"'),
      by: text('Who calls; the promise’s owner if not given', 200),
    },
    required: ['personal'],
    additionalProperties: false,
  },
  tax: namedExpressions(
    'By the name of a base: the tax that it carried, as a list of {code, rateMicros, amountMinor}',
    '{ freight: facts.freightTax }',
  ),
};
