import { dayLimit } from './day-limit.js';
import { choice, duration, expression, integer, list, text, type SchemaNode } from './node.js';

const threshold = (description: string): SchemaNode => ({
  type: ['string', 'number'],
  maxLength: 40,
  description,
  examples: ['PT2H'],
  'x-kind': 'expression',
});

const tier: SchemaNode = {
  type: 'object',
  description: 'From a bound on: an amount or a share; the last tier has no bound and holds for all the rest',
  examples: ['{ atLeast: PT2H, percent: 50 }'],
  properties: {
    over: threshold('More than this: a duration of lateness, or a number of what `measure` gives'),
    atLeast: threshold('This much or more'),
    below: threshold('Less than this'),
    amount: expression('Money', 'money("25.00")'),
    percent: expression('A share of `of`', '50'),
  },
  additionalProperties: false,
};

const tiers: SchemaNode = {
  type: 'object',
  description: 'Amounts by lateness or by what is measured: of the tiers from the top the first that holds',
  examples: ['{ of: base.fare, list: [{ atLeast: PT2H, percent: 50 }, { percent: 25 }] }'],
  properties: {
    measure: expression('A number to be measured in place of the lateness', '100 - facts.errorPercent'),
    of: expression('What the shares are taken of', 'base.fare'),
    list: list('The tiers, from the top', tier, 1, 20),
  },
  required: ['list'],
  additionalProperties: false,
};

const perDay: SchemaNode = {
  type: 'object',
  description: 'An amount for each local day after that of due, up to the day before completion',
  examples: ['{ rate: repair }'],
  properties: {
    rate: text('The table of rates by date that says how much a day is worth', 60),
    amount: expression('The same amount every day, in place of a rate', 'money("8.00")'),
    rateOn: choice('Which day picks the rate: the one that accrues, or that of the opening', ['day', 'opening'], 'day'),
    countDueDay: expression('The day of due counts too', 'true'),
    countLastDay: expression('The day of completion counts too', 'facts.countResolutionDay == true'),
    skip: list('Days touched by pauses of these reasons do not count', text('A reason of a pause', 60), 0, 20),
  },
  additionalProperties: false,
};

const minimum: SchemaNode = {
  type: 'object',
  description: 'Smaller amounts are not paid',
  examples: ['{ atLeast: money("4.00") }'],
  properties: {
    atLeast: expression('Paid from this amount on', 'money("4.00")'),
    over: expression('Paid only beyond this amount', 'money("1.00")'),
  },
  additionalProperties: false,
};

export const remedy: SchemaNode = {
  type: 'object',
  description: 'What is owed for a breach',
  properties: {
    id: { ...text('Its name within the guarantee; part of the line ids, so it never changes', 60), 'x-kind': 'name' },
    kind: choice('What it is', ['refund', 'credit', 'voucher', 'points', 'apology', 'notice', 'gift', 'callback']),
    amount: expression('Money, for refund, credit and voucher', 'base.freight', 'percent(base.nightRate, 10)'),
    tiers,
    perDay,
    times: expression('How many times it is owed', 'facts.passengers'),
    maximum: expression('Never more than this', 'money("60.00")'),
    minimum,
    rounding: expression(
      'How a fraction of a minor unit is settled, where not as the guarantee says',
      'facts.rounding',
    ),
    base: text('The base that it gives back: what others gave back on it is taken off', 60),
    oncePerGroup: choice('Once for all promises of a group', ['yes', 'no'], 'no'),
    points: integer('Loyalty points, for points', 1, 1_000_000_000),
    template: { ...text('Name of the text, for apology and notice', 100), 'x-kind': 'name' },
    item: text('What is given, for gift'),
    upon: choice(
      'Before due, for notice: at a warning that names whom to tell, when something later is promised, or at the warning of a declared disruption',
      ['at-risk', 're-promised', 'disruption'],
      'at-risk',
    ),
    nature: choice('What the payment is in the books', ['price-reduction', 'damages', 'goodwill', 'penalty']),
    label: text('What the line is called, where it is not its kind', 60),
    when: expression('Only if this holds', 'lateness > duration("1h")'),
    payWithin: duration('Finance pays within, from the decision', 'P30D'),
    payBy: dayLimit('Finance pays by the end of a day', '{ workingDays: 20, from: completedAt }'),
    party: choice(
      'Whom words go to; a notice at a warning goes to whom that names',
      ['customer', 'payer', 'recipient'],
      'customer',
    ),
    expiresWithin: duration('How long a voucher is good, from the decision', 'P365D'),
  },
  required: ['id', 'kind'],
  additionalProperties: false,
};
