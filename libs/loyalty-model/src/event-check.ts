import { nearestName, type Problem } from '#libs/kernel';
import { MODEL_EVENT_TYPES, rankOf, type ModelEvent, type ModelEventType } from './model-event.js';
import { DEFAULT_RULESET } from './parameters.js';

/** What a field must be; a question mark allows it to be absent. Lists are the allowed words ('?' among them: may be absent). */
export type FieldShape =
  | 'text'
  | 'text?'
  | 'number'
  | 'number?'
  | 'number|null'
  | 'positive'
  | 'notNegative?'
  | 'flag'
  | 'flag?'
  | readonly string[];

const PROMISE_KINDS = Object.keys(DEFAULT_RULESET.debt.kindWeights);
const ABOUT_PROMISE: Record<string, FieldShape> = {
  promiseId: 'text',
  kind: PROMISE_KINDS,
  dueAt: 'number',
  madeAt: 'number?',
  importance: 'notNegative?',
};

/** The fields of each type beside `id`, `type` and `at`. */
export const MODEL_EVENT_FIELDS: Readonly<Record<ModelEventType, Readonly<Record<string, FieldShape>>>> = {
  'customer.joined': {},
  'staff.pulse': { value: 'number' },
  'promo.claimed': { intensity: 'number' },
  'tie.changed': { kind: Object.keys(DEFAULT_RULESET.relationship.ties), strength: 'number' },
  'purchase.made': { orderId: 'text', amount: 'number', category: 'text?' },
  'delay.notified': { promiseId: 'text', newEta: 'number?' },
  'promise.breached': ABOUT_PROMISE,
  'promise.settled': { ...ABOUT_PROMISE, actualAt: 'number|null', tolerance: 'positive', end: 'flag?' },
  'recovery.done': {
    promiseId: 'text',
    compensation: 'notNegative?',
    loss: 'notNegative?',
    apology: [...Object.keys(DEFAULT_RULESET.recovery.apologies), '?'],
    explanation: 'flag?',
    initiated: ['company', 'customer', '?'],
    match: 'flag?',
    immediate: 'flag?',
  },
  'recovery.missed': { promiseId: 'text' },
  'complaint.filed': { complaintId: 'text' },
  'complaint.resolved': { complaintId: 'text', satisfied: 'flag' },
  'contact.made': { channel: 'text?', personal: 'flag?' },
  'gesture.made': { kind: Object.keys(DEFAULT_RULESET.relationship.gestures) },
  'survey.answered': { kind: Object.keys(DEFAULT_RULESET.voice.surveys), value: 'number' },
  'referral.made': {},
  'referral.converted': {},
  'purchase.refunded': { orderId: 'text' },
  'time.tick': {},
};

/**
 * Checks a document from outside (a case file, the result of a tenant's signal map) before the model sees it.
 * @returns the event, or what is wrong with it; pointers are into the document.
 */
export function checkModelEvent(document: unknown): { event: ModelEvent } | { problems: Problem[] } {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    return { problems: [problem('', 'a model event is an object')] };
  }
  const fields = document as Record<string, unknown>;
  const problems: Problem[] = [];
  if (typeof fields['id'] !== 'string' || fields['id'] === '') problems.push(problem('/id', 'id must be a text'));
  if (!isNumber(fields['at'])) problems.push(problem('/at', 'at must be a finite number of days'));
  const type = fields['type'];
  if (typeof type !== 'string' || rankOf(type) === undefined) {
    const nearest = nearestName(String(type), MODEL_EVENT_TYPES);
    problems.push(problem('/type', `${String(type)} is no event of the loyalty model`, nearest ?? undefined));
    return { problems };
  }
  for (const [field, shape] of Object.entries(MODEL_EVENT_FIELDS[type as ModelEventType])) {
    const expected = mismatch(fields[field], shape);
    if (expected) problems.push(problem(`/${field}`, `${field} of ${type} must be ${expected}`));
  }
  return problems.length > 0 ? { problems } : { event: document as ModelEvent };
}

/** What was expected, or null when the value fits. */
function mismatch(value: unknown, shape: FieldShape): string | null {
  if (typeof shape !== 'string') {
    if (value === undefined && shape.includes('?')) return null;
    const words = shape.filter((word) => word !== '?');
    return typeof value === 'string' && words.includes(value) ? null : `one of ${words.join(', ')}`;
  }
  if (value === undefined && shape.endsWith('?')) return null;
  switch (shape) {
    case 'text':
    case 'text?':
      return typeof value === 'string' ? null : 'a text';
    case 'flag':
    case 'flag?':
      return typeof value === 'boolean' ? null : 'true or false';
    case 'number|null':
      return value === null || isNumber(value) ? null : 'a number, or null when it was never done';
    case 'positive':
      return isNumber(value) && value > 0 ? null : 'a number above 0';
    case 'notNegative?':
      return isNumber(value) && value >= 0 ? null : 'a number of at least 0';
    case 'number':
    case 'number?':
      return isNumber(value) ? null : 'a number';
  }
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function problem(pointer: string, detail: string, nearest?: string): Problem {
  return { code: 'LOYALTY_EVENT_INVALID', detail, pointer, ...(nearest ? { advice: `did you mean ${nearest}?` } : {}) };
}
