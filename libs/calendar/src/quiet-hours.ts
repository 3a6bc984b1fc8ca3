import { Temporal } from 'temporal-polyfill';
import type { InstantMs } from '#libs/kernel';
import { offsetMsAt } from './zone-offsets.js';

/** Wall time, minutes of the day: from the first up to the second, which may lie on the next day; equal ones: never. */
export interface QuietHours {
  readonly fromMinute: number;
  readonly toMinute: number;
}

/**
 * The instant at which the quiet hours that hold now are over by the wall clock of a zone; null: none hold. An end that
 * the clocks jump over comes with the jump's length behind it; of one that they show twice, the next counts.
 */
export function quietUntilMs({ fromMinute, toMinute }: QuietHours, zone: string, atMs: InstantMs): InstantMs | null {
  const local = new Date(atMs + offsetMsAt(zone, atMs));
  const minute = local.getUTCHours() * 60 + local.getUTCMinutes();
  const spansMidnight = fromMinute > toMinute;
  const isQuiet = spansMidnight ? minute >= fromMinute || minute < toMinute : minute >= fromMinute && minute < toMinute;
  if (!isQuiet) return null;
  const today = Temporal.PlainDate.from(local.toISOString().slice(0, 10));
  const day = minute >= toMinute ? today.add({ days: 1 }) : today;
  const wall = day.toPlainDateTime({ hour: Math.floor(toMinute / 60), minute: toMinute % 60 });
  const [first, second] = (['compatible', 'later'] as const).map(
    (disambiguation) => wall.toZonedDateTime(zone, { disambiguation }).epochMilliseconds,
  ) as [number, number];
  return first > atMs ? first : second;
}
