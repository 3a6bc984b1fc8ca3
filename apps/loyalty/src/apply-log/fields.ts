import { parseInstant } from '#libs/kernel';

/** A field is not what the contract says; caught by the reader of the record. */
export class FieldError extends Error {}

export type Fields = Readonly<Record<string, unknown>>;

const TEXT_CHARS_MAX = 200;

export function text(fields: Fields, name: string): string {
  const value = optionalText(fields, name);
  if (value !== undefined) return value;
  throw new FieldError(`${name}: expected a text of 1 to ${TEXT_CHARS_MAX} characters`);
}

/** Undefined where it is absent, or no such text. */
export function optionalText(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'string' && value !== '' && value.length <= TEXT_CHARS_MAX ? value : undefined;
}

export function positive(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
  throw new FieldError(`${name}: expected an integer above 0`);
}

export function instant(fields: Fields, name: string): number {
  const value = parseInstant(fields[name]);
  if (value !== null) return value;
  throw new FieldError(`${name}: expected an RFC 3339 instant`);
}
