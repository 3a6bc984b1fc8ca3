import { choice, duration, flag, list, record, text, type SchemaNode } from './node.js';
import { pattern } from './terms.js';

const warning = record('When the owner is warned: exactly one of at, before, on, disruption', {
  ...pattern.properties,
  at: { ...text('A share of the clock used', 8), examples: ['75%'] },
  before: duration('So much of the clock before due', 'PT2H'),
  disruption: flag('When a disruption is declared that touches the open promise'),
  tell: choice('Who is told besides the owner', ['customer', 'payer', 'recipient']),
});

export const warn = list('Warnings', warning, 0, 20);

/** Steps of lateness at which an open breach is told again. */
export const bands: SchemaNode = {
  description: 'Steps of lateness at which an open breach is told again: listed, or one every so often',
  examples: ['[PT1H, PT24H]'],
  anyOf: [
    list('Steps, ascending', duration('Lateness', 'PT1H'), 0, 100),
    record(
      'A step every so often',
      { every: duration('Lateness from step to step', 'P1D'), until: duration('The last step', 'P60D') },
      ['every', 'until'],
    ),
  ],
};
