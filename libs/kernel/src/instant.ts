/** Milliseconds since 1970-01-01T00:00:00Z; an integer between 1970 and 2100. */
export type InstantMs = number;

/** A fact may claim a time so far ahead of its receipt; beyond it is refused as FUTURE_FACT. */
export const FUTURE_FACT_MS_MAX = 24 * 3_600_000;

export const MIN_INSTANT_MS = 0;
/** 2100-12-31T23:59:59.999Z. */
export const MAX_INSTANT_MS = 4_133_980_799_999;

const RFC3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;

/**
 * Reads an RFC 3339 instant with an offset; digits below the millisecond are cut off.
 * @returns milliseconds, or null when the text is no such instant or lies outside 1970 to 2100.
 */
export function parseInstant(text: unknown): InstantMs | null {
  if (typeof text !== 'string') return null;
  const m = RFC3339.exec(text);
  if (!m) return null;
  const [year, month, day] = [Number(m[1]), Number(m[2]), Number(m[3])];
  const [hour, minute, second] = [Number(m[4]), Number(m[5]), Number(m[6])];
  if (hour > 23 || minute > 59 || second > 59) return null;
  const millis = Number(((m[7] ?? '') + '000').slice(0, 3));
  const local = Date.UTC(year, month - 1, day, hour, minute, second, millis);
  const check = new Date(local);
  if (check.getUTCMonth() !== month - 1 || check.getUTCDate() !== day) return null; // 31 February and the like
  const offsetMin = m[8] ? (Number(m[9]) * 60 + Number(m[10])) * (m[8] === '-' ? -1 : 1) : 0;
  if (Math.abs(offsetMin) > 18 * 60) return null;
  const instant = local - offsetMin * 60_000;
  return instant >= MIN_INSTANT_MS && instant <= MAX_INSTANT_MS ? instant : null;
}

/** RFC 3339 in UTC with milliseconds, the only form in which makegood writes an instant. */
export function formatInstant(instant: InstantMs): string {
  return new Date(instant).toISOString();
}

const ISO_DURATION = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d{1,3}))?S)?)?$/;

/**
 * Reads an ISO 8601 duration of elapsed time: weeks, days of 24 h, hours, minutes, seconds. Years and months
 * have no fixed length and are refused; civil durations belong to the calendar.
 * @returns milliseconds, or null when the text is no such duration.
 */
export function parseDurationMs(text: unknown): number | null {
  if (typeof text !== 'string' || text.length < 3 || text.endsWith('T')) return null;
  const m = ISO_DURATION.exec(text);
  if (!m) return null;
  const [w, d, h, min, s] = [1, 2, 3, 4, 5].map((i) => Number(m[i] ?? 0)) as [number, number, number, number, number];
  const millis = Number(((m[6] ?? '') + '000').slice(0, 3));
  return ((w * 7 + d) * 86_400 + h * 3_600 + min * 60 + s) * 1_000 + millis;
}

/** In words with at most two units: "2 d 3 h", "35 min", "1.5 s"; never negative (the caller says late or early). */
export function describeDuration(durationMs: number): string {
  const ms = Math.abs(durationMs);
  if (ms < 1_000) return `${ms} ms`;
  if (ms < 60_000) return `${Number((ms / 1_000).toFixed(3))} s`;
  const units: [string, number][] = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1_000],
  ];
  const first = units.findIndex(([, size]) => ms >= size);
  const [name, size] = units[first] as [string, number];
  const count = Math.floor(ms / size);
  const next = units[first + 1];
  const rest = next ? Math.floor((ms - count * size) / next[1]) : 0;
  return next && rest > 0 ? `${count} ${name} ${rest} ${next[0]}` : `${count} ${name}`;
}
