import { duration, expression, flag, list, record, text } from './node.js';
import { pattern } from './terms.js';

const excuse = record(
  'A reason for which a breach is not answered for',
  {
    ...pattern.properties,
    code: { ...text('What the reason is called', 60), examples: ['wrong-address'], 'x-kind': 'name' },
    disruption: flag('Declared disruptions count under this code'),
    names: expression('The disruption that the event names as the cause', 'event.data.disruption'),
    budget: duration('Lateness beyond this is answered for again', 'PT48H'),
  },
  ['code'],
);

export const excuses = list('Reasons for which a breach is not answered for', excuse, 0, 50);
