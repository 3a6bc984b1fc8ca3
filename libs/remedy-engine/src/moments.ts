import { localText, type ClockPrecision } from '#libs/calendar';
import type { InstantMs } from '#libs/kernel';

/** Below this distance minutes alone could make two moments look the same. */
const SECONDS_BELOW_MS = 10 * 60_000;
const MILLISECONDS_BELOW_MS = 1_000;

/** The coarsest clock that still tells two moments apart; for the same moment seconds are enough. */
export function precisionFor(distanceMs: number): ClockPrecision {
  const magnitude = Math.abs(distanceMs);
  if (magnitude >= SECONDS_BELOW_MS) return 'minute';
  return magnitude >= MILLISECONDS_BELOW_MS || magnitude === 0 ? 'second' : 'millisecond';
}

/** "Thu 2018-05-03 23:59" */
export function momentText(zone: string, atMs: InstantMs, precision: ClockPrecision): string {
  const { day, time } = localText(zone, atMs, precision);
  return `${day} ${time}`;
}
