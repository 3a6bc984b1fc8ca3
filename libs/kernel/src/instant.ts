/** Milliseconds since 1970-01-01T00:00:00Z; an integer between 1970 and 2100. */
export type InstantMs = number;

/** A fact may claim a time so far ahead of its receipt; beyond it is refused as FUTURE_FACT. */
export const FUTURE_FACT_MS_MAX = 24 * 3_600_000;

export const MIN_INSTANT_MS = 0;
const DAY_MS = 86_400_000;
/** 2100-12-31T23:59:59.999Z. */
export const MAX_INSTANT_MS = 4_133_980_799_999;

const RFC3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;

/**
 * Reads an RFC 3339 instant with an offset; digits below the millisecond are cut off.
 * @returns milliseconds, or null when the text is no such instant or lies outside 1970 to 2100.
 */
export function parseInstant(text: unknown): InstantMs | null {
  if (typeof text !== 'string') return null;
  const atMs = readOnKnownDay(text);
  if (atMs !== null) return atMs;
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
  if (instant < MIN_INSTANT_MS || instant > MAX_INSTANT_MS) return null;
  if (isOurForm(text)) rememberDay(text, instant);
  return instant;
}

/**
 * Days read lately, by day of the month, each with its T: an event's instants are of a few days, written as we write
 * them.
 */
const DAYS_OF_MONTH = 32;
const readDates = new Array<string>(DAYS_OF_MONTH).fill('-');
const readDaysMs = new Array<number>(DAYS_OF_MONTH).fill(0);

const isOurForm = (text: string): boolean =>
  text.length === 24 && text[10] === 'T' && text[19] === '.' && text[23] === 'Z';

function rememberDay(text: string, instant: InstantMs): void {
  const slot = twoDigitsAt(text, 8);
  readDates[slot] = text.slice(0, 11);
  readDaysMs[slot] = Math.floor(instant / DAY_MS) * DAY_MS;
}

/** An instant of a day read lately in the form 2026-01-02T03:04:05.678Z; null: read it the thorough way. */
function readOnKnownDay(text: string): InstantMs | null {
  if (!isOurForm(text) || text[13] !== ':' || text[16] !== ':') return null;
  const slot = twoDigitsAt(text, 8);
  if (slot >= DAYS_OF_MONTH || !text.startsWith(readDates[slot] as string)) return null;
  const [h, min, s] = [twoDigitsAt(text, 11), twoDigitsAt(text, 14), twoDigitsAt(text, 17)];
  const [tens, ones] = [twoDigitsAt(text, 20), twoDigitsAt(text, 21)];
  if (h > 23 || min > 59 || s > 59 || tens > 99 || ones > 99) return null;
  return (readDaysMs[slot] as number) + h * 3_600_000 + min * 60_000 + s * 1_000 + tens * 10 + (ones % 10);
}

/** More than 99 where there are no two digits. */
function twoDigitsAt(text: string, at: number): number {
  const [tens, ones] = [text.charCodeAt(at) - 48, text.charCodeAt(at + 1) - 48];
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : 100;
}

/** RFC 3339 in UTC with milliseconds, the only form in which makegood writes an instant. */
export function formatInstant(instant: InstantMs): string {
  if (!Number.isInteger(instant) || instant < MIN_INSTANT_MS || instant > MAX_INSTANT_MS)
    return new Date(instant).toISOString();
  const day = Math.floor(instant / DAY_MS);
  const slot = day % DATES_REMEMBERED;
  if (dayOfSlot[slot] !== day) {
    dateOfSlot[slot] = new Date(day * DAY_MS).toISOString().slice(0, 11);
    dayOfSlot[slot] = day;
  }
  const ms = instant - day * DAY_MS;
  const [h, min, s] = [Math.floor(ms / 3_600_000), Math.floor(ms / 60_000) % 60, Math.floor(ms / 1_000) % 60];
  return `${dateOfSlot[slot]}${TWO[h]}:${TWO[min]}:${TWO[s]}.${THREE[ms % 1_000]}Z`;
}

const TWO = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, '0'));
const THREE = Array.from({ length: 1_000 }, (_, n) => String(n).padStart(3, '0'));
/** Days written lately, since most instants lie within a year or two of each other. */
const DATES_REMEMBERED = 1_024;
const dayOfSlot: number[] = new Array<number>(DATES_REMEMBERED).fill(-1);
const dateOfSlot: string[] = new Array<string>(DATES_REMEMBERED).fill('');

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
