import { dayLimit } from './day-limit.js';
import { choice, expression, list, text, type SchemaNode } from './node.js';

const date = (description: string): SchemaNode => ({
  ...text(description, 10),
  examples: ['2020-03-23'],
  'x-kind': 'date',
});

const claim: SchemaNode = {
  type: 'object',
  description: 'Remedies are granted on request; without this term they are automatic',
  examples: ['{ within: { days: 28, from: dueAt } }'],
  properties: {
    required: expression('Only where this holds is a claim needed', 'facts.brand != "ouigo"'),
    within: dayLimit('How long it may be made, from due unless said otherwise', '{ days: 28 }'),
    until: expression('The last instant at which it may be made', 'facts.checkedOut'),
    by: list('Who may claim', choice('A party', ['customer', 'payer', 'recipient']), 1, 3),
  },
  additionalProperties: false,
};

const exemption: SchemaNode = {
  type: 'object',
  description: 'A breach for which nothing is owed',
  properties: {
    code: choice('Why', ['exempt_notice', 'alternative_accepted', 'cured', 'excused', 'suspended', 'not_covered']),
    when: expression('Where this holds', 'facts.noticeHours >= 336'),
  },
  required: ['code', 'when'],
  additionalProperties: false,
};

const suspension: SchemaNode = {
  type: 'object',
  description: 'Local dates, both inclusive, in which the scheme rests',
  properties: {
    from: date('The first day'),
    until: date('The last day'),
    when: expression('Only where this holds', 'facts.service != "ground"'),
  },
  required: ['from', 'until'],
  additionalProperties: false,
};

const rate: SchemaNode = {
  type: 'object',
  description: 'An amount in force from a date on',
  examples: ['{ from: 2026-04-01, amount: "10.34" }'],
  properties: { from: date('From this local date on'), amount: expression('Money', '"10.34"') },
  required: ['from', 'amount'],
  additionalProperties: false,
};

const latenessTerm: SchemaNode = {
  type: 'object',
  description: 'How late it is, where the clock from due to completion is not what counts',
  properties: {
    when: expression('Only where this holds', 'facts.product == "first_class"'),
    days: expression('Whole days', 'businessDays(facts.promised, completedAt)'),
    from: expression('Elapsed since this moment', 'facts.scheduledAt'),
  },
  additionalProperties: false,
};

/** Terms of a guarantee that say what follows from its verdict, beside the remedies themselves. */
export const remedyTermProperties: Readonly<Record<string, SchemaNode>> = {
  settle: choice('bands: an open breach is paid for as its bands are crossed', ['completion', 'bands'], 'completion'),
  combine: choice('best: of the lines owed only the one that is worth most', ['add', 'best'], 'add'),
  claim,
  calendar: {
    ...text('The calendar of the working days of claims, payments and remedies; that of due if not given', 63),
    examples: ['uk-working-days'],
    'x-kind': 'name',
  },
  exempt: list('Breaches for which nothing is owed; the first that holds', exemption, 0, 20),
  suspended: list('When the scheme rests', suspension, 0, 20),
  rates: {
    type: 'object',
    description: 'Amounts by date',
    examples: ['{ repair: [{ from: 2026-04-01, amount: "10.34" }] }'],
    maxProperties: 20,
    additionalProperties: list('The rates of a table, by date', rate, 1, 100),
  },
  lateness: list('How lateness is told; the first that holds', latenessTerm, 0, 10),
  payoutUnit: text('Whole multiples of this are paid, in major units: "1.00" for whole dollars', 20),
};
