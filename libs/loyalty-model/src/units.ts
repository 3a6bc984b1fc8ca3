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

const TIME_FIELDS = ['at', 'madeAt', 'dueAt', 'actualAt', 'newEta', 'tolerance'] as const;

/**
 * The border between the log and the model: takes an event whose instants are epoch milliseconds and whose tolerance is a
 * duration in milliseconds, gives the same event in days. Null and missing times stay as they are.
 */
export function inDays<E extends ModelEvent>(eventInMs: E): E {
  const event: Record<string, unknown> = { ...eventInMs };
  for (const field of TIME_FIELDS) {
    const value = event[field];
    if (typeof value === 'number') event[field] = daysFromMs(value);
  }
  return event as E;
}
