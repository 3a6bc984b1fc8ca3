import type { Days, ModelEvent } from './model-event.js';

const MILLISECONDS_PER_DAY = 86_400_000;

/** Epoch milliseconds (or a duration in milliseconds) as days. */
export function daysFromMs(ms: number): Days {
  return ms / MILLISECONDS_PER_DAY;
}

/** Days as epoch milliseconds (or a duration), rounded to whole milliseconds. */
export function msFromDays(days: Days): number {
  return Math.round(days * MILLISECONDS_PER_DAY);
}

const TIME_FIELDS: ReadonlySet<string> = new Set(['at', 'madeAt', 'dueAt', 'actualAt', 'newEta', 'tolerance']);

/**
 * The border between the log and the model: takes an event whose instants are epoch milliseconds and whose tolerance is a
 * duration in milliseconds, gives the same event in days. Null and missing times stay as they are.
 */
export function inDays<E extends ModelEvent>(eventInMs: E): E {
  const entries = Object.entries(eventInMs).map(([field, value]) => [
    field,
    TIME_FIELDS.has(field) && typeof value === 'number' ? daysFromMs(value) : value,
  ]);
  return Object.fromEntries(entries) as E;
}
