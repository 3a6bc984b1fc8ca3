import { choice, duration, expression, namedExpressions, type SchemaNode } from './node.js';
import { pattern } from './terms.js';

export const opens: SchemaNode = {
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
    onReopen: choice('What an opening after the end does; without it nothing', ['ignore', 'continue', 'new-cycle']),
    debounce: duration('A reopening that is over again within this time never happened', 'PT2M'),
    count: expression('How many pieces must be there; each kept fact says which `piece`', 'event.data.parcels'),
    refs: namedExpressions('Numbers that others know it by', '{ order: subject }'),
    base: namedExpressions('Amounts that remedies refer to', '{ freight: event.data.freight }'),
    facts: namedExpressions('What else is kept with the promise', '{ region: event.data.region }'),
  },
  required: ['on'],
  additionalProperties: false,
};
