import type { InstantMs } from '#libs/kernel';
import { offsetMsAt } from './zone-offsets.js';

/** How much of a wall-clock reading is written; what is finer is cut off, as a clock does. */
export type ClockPrecision = 'minute' | 'second' | 'millisecond';

const LENGTH: Readonly<Record<ClockPrecision, number>> = { minute: 16, second: 19, millisecond: 23 };
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
const DAY_MS = 86_400_000;

/** A wall-clock reading in two parts, so that a second time on the same day need not repeat the day. */
export interface LocalText {
  /** e.g. "Thu 2018-05-03" */
  readonly day: string;
  /** e.g. "23:59" or "23:59:59.999" */
  readonly time: string;
}

/** What calendar and clock on the wall show at an instant. Under 1 µs once the zone's offset is known. */
export function localText(zone: string, atMs: InstantMs, precision: ClockPrecision): LocalText {
  const localMs = atMs + offsetMsAt(zone, atMs);
  const iso = new Date(localMs).toISOString();
  const weekday = WEEKDAYS[(((Math.floor(localMs / DAY_MS) + 4) % 7) + 7) % 7] as string;
  return { day: `${weekday} ${iso.slice(0, 10)}`, time: iso.slice(11, LENGTH[precision]) };
}
