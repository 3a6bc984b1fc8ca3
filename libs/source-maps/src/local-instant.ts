import { offsetMsAt } from '#libs/calendar';
import { MAX_INSTANT_MS, MIN_INSTANT_MS, type InstantMs } from '#libs/kernel';

const LOCAL_TIME = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?$/;
const DAY_MS = 86_400_000;

/**
 * The instant at which a zone's wall clock shows `YYYY-MM-DD[T ]HH:MM[:SS[.fff]]`. A reading that a change of the
 * clocks repeats is taken as the first; one that it skips as if the clocks had not yet changed.
 * @returns null when the text is no such reading or lies outside 1970 to 2100. @throws RangeError for an unknown zone.
 */
export function localInstant(zone: string, text: string): InstantMs | null {
  const localMs = readingMs(text);
  if (localMs === null) return null;
  // No zone changes twice within two days: the offset is the one of the day before or of the day after.
  const before = offsetMsAt(zone, localMs - DAY_MS);
  const after = offsetMsAt(zone, localMs + DAY_MS);
  const first = localMs - before;
  if (before === after || offsetMsAt(zone, first) === before) return within(first);
  const second = localMs - after;
  return within(offsetMsAt(zone, second) === after ? second : first);
}

function readingMs(text: string): number | null {
  const m = LOCAL_TIME.exec(text);
  if (!m) return null;
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map((i) => Number(m[i] ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (hour > 23 || minute > 59 || second > 59) return null;
  const localMs = Date.UTC(year, month - 1, day, hour, minute, second, Number(((m[7] ?? '') + '000').slice(0, 3)));
  const check = new Date(localMs);
  return check.getUTCMonth() === month - 1 && check.getUTCDate() === day ? localMs : null;
}

function within(instant: number): InstantMs | null {
  return instant >= MIN_INSTANT_MS && instant <= MAX_INSTANT_MS ? instant : null;
}
