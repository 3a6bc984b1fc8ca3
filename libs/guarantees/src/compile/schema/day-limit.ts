import { expression, integer, type SchemaNode } from './node.js';

/** Days, working days or months after a moment, to the end of the last day; exactly one of them. */
export const dayLimit = (description: string, example: string): SchemaNode => ({
  type: 'object',
  description,
  examples: [example],
  properties: {
    days: integer('Calendar days after that of the moment', 0, 3_653),
    workingDays: integer('Days on which the calendar opens, after that of the moment', 0, 2_000),
    months: integer('Months after the moment, cut to the last day of a shorter month', 1, 120),
    monthEnds: integer('To the end of so many calendar months after that of the moment: billing cycles', 0, 120),
    from: expression('The moment from which it counts', 'completedAt'),
  },
  additionalProperties: false,
});
