import { choice, duration, list, type SchemaNode } from './node.js';
import { pattern } from './terms.js';

export const evidence: SchemaNode = {
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
