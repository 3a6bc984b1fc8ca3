import type { Problem } from '#libs/kernel';

export const REFUSAL_CODES = [
  'JSON_MALFORMED',
  'FIELD_MISSING',
  'FIELD_INVALID',
  'EVENT_TOO_LARGE',
  'FUTURE_FACT',
  'TYPE_RESERVED',
  'WRONG_SOURCE',
] as const;

/** Why one event is not accepted. `detail` names fields and what was expected, never values of persons. */
export interface Refusal extends Problem {
  readonly code: (typeof REFUSAL_CODES)[number];
}

export function missing(pointer: string, advice: string): Refusal {
  return { code: 'FIELD_MISSING', detail: `${nameOf(pointer)} is missing`, advice, pointer };
}

export function invalid(pointer: string, detail: string, advice: string): Refusal {
  return { code: 'FIELD_INVALID', detail: `${nameOf(pointer)}: ${detail}`, advice, pointer };
}

function nameOf(pointer: string): string {
  return pointer === '' ? 'the event' : `\`${pointer.slice(1).replaceAll('/', '.')}\``;
}
