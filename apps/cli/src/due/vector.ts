import {
  ALL_DAY,
  clockMsOf,
  dayNumberOf,
  isLocalDate,
  weekdaysOf,
  weekOf,
  type DayNumber,
  type WeekChange,
  type WeekEntry,
  type WeekWindows,
  type Window,
} from '#libs/calendar';
import { parseInstant, type InstantMs } from '#libs/kernel';

/**
 * One entry of a file of deadline vectors. Its calendar is written into it; texts are read generously, since such
 * files come from many hands.
 */
export interface Vector {
  readonly id: string;
  readonly zone?: string;
  readonly timeZone?: string;
  /** `24x7`, or windows by weekdays: `{"mon-fri": [["09:00", "17:00"]]}`. */
  readonly windows?: unknown;
  /** Local dates. */
  readonly holidays?: readonly unknown[];
  /** Other windows from a local date or an instant on: `[{from, windows}]`. */
  readonly changes?: unknown;
  readonly kind?: string;
  readonly start?: string;
  readonly minutes?: number;
  readonly period?: string;
  /** Where on its day a civil due lies: `close`, `end-of-day`, or a wall time. */
  readonly by?: string;
  readonly pauses?: readonly unknown[];
  /** Expected; where there is no start, given. */
  readonly due?: string | null;
  readonly warnBeforeMinutes?: number;
  /** Expected. */
  readonly warnAt?: string | null;
  /** Expected: the code of a refusal. */
  readonly error?: string;
  readonly [other: string]: unknown;
}

const DAY_MS = 86_400_000;
const CHANGES = ['changes', 'windowChanges', 'effectiveChanges', 'effective', 'weekChanges'] as const;
const FROM = ['from', 'effectiveFrom', 'effective', 'at', 'since', 'date'] as const;

/** Something in a vector that cannot be read. */
export class VectorError extends Error {}

/** The first of several members that is there. */
export function member(of: object, names: readonly string[]): unknown {
  const name = names.find((each) => Object.hasOwn(of, each));
  return name === undefined ? undefined : (of as Record<string, unknown>)[name];
}

export function weekOfVector(windows: unknown): WeekWindows {
  if (windows === undefined || windows === null) return WHOLE_WEEK;
  if (typeof windows === 'string') {
    if (/^(24\s*[x/×]\s*7|always|\*)$/i.test(windows)) return WHOLE_WEEK;
    throw new VectorError(`windows: ${windows} is neither 24x7 nor windows by weekday`);
  }
  const entries = Array.isArray(windows) ? windows.map(entryOfObject) : Object.entries(windows as object);
  const ofDays = entries.flatMap(([key, list]) => entriesOf(key, list));
  return weekOf(ofDays).map((day, i) => [...day, ...tailsInto(ofDays, i)]);
}

const WHOLE_WEEK: WeekWindows = Array.from({ length: 7 }, () => ALL_DAY);

/** A window across midnight is two: the part after midnight belongs to the next day. */
interface LongEntry extends WeekEntry {
  readonly tails: readonly Window[];
}

function entriesOf(key: string, list: unknown): LongEntry[] {
  const weekdays = weekdaysOf(key.toLowerCase().replace(/[a-z]+/g, (name) => name.slice(0, 3)));
  if (weekdays === null) throw new VectorError(`windows: ${key} names no weekdays`);
  const windows = Array.isArray(list) ? list.map(windowOf) : [];
  return [
    {
      weekdays,
      windows: windows.map(([from, until]): Window => [from, until > from ? until : DAY_MS]),
      tails: windows.flatMap(([from, until]): Window[] => (until > from || until === 0 ? [] : [[0, until]])),
    },
  ];
}

function tailsInto(entries: readonly LongEntry[], day: number): Window[] {
  const before = (day + 6) % 7;
  const narrowest = [...entries].sort((a, b) => a.weekdays.length - b.weekdays.length);
  return [...(narrowest.find(({ weekdays }) => weekdays.includes(before))?.tails ?? [])];
}

function entryOfObject(entry: unknown): [string, unknown] {
  const { days = '*', windows, ...window } = entry as { days?: unknown; windows?: unknown };
  return [Array.isArray(days) ? days.join(',') : String(days), windows ?? [window]];
}

function windowOf(window: unknown): Window {
  const pair: unknown[] = Array.isArray(window)
    ? window
    : typeof window === 'string'
      ? window.split(/[-–/]/)
      : [
          member(window as object, ['from', 'open', 'start']),
          member(window as object, ['until', 'to', 'close', 'end']),
        ];
  const [from, until] = pair.map((text) => clockMsOf(String(text)));
  if (from == null || until == null) throw new VectorError(`windows: ${JSON.stringify(window)} is no window`);
  return [from, until];
}

/** Holidays; one that was added later (`{date, addedAt}`) is unknown to what began before: calendars are pinned. */
export function holidaysOfVector(holidays: readonly unknown[], startMs: InstantMs | null): DayNumber[] {
  return holidays.flatMap((holiday) => {
    const date = typeof holiday === 'string' ? holiday : member(holiday as object, ['date', 'day']);
    if (!isLocalDate(date)) throw new VectorError(`holidays: ${JSON.stringify(holiday)} is no local date`);
    const added =
      typeof holiday === 'string' ? undefined : member(holiday as object, ['addedAt', 'added', 'knownAt', 'at']);
    const isLater = added !== undefined && startMs !== null && instantOf(added) > startMs;
    return isLater ? [] : [dayNumberOf(date)];
  });
}

export function changesOfVector(vector: Vector): WeekChange[] {
  const given = member(vector, CHANGES);
  if (given === undefined || given === null) return [];
  const list = Array.isArray(given)
    ? (given as readonly object[])
    : member(given, ['windows', 'week']) !== undefined
      ? [given]
      : Object.entries(given).map(([from, windows]) => ({ from, windows }));
  return list.map((change) => {
    const from = member(change, FROM);
    const week = weekOfVector(member(change, ['windows', 'week']));
    return isLocalDate(from) ? { fromDay: dayNumberOf(from), week } : { fromMs: instantOf(from), week };
  });
}

/** An instant, with or without seconds. */
export function instantOf(text: unknown): InstantMs {
  const full = String(text).replace(/^(\d{4}-\d\d-\d\dT\d\d:\d\d)(?=Z|[+-]\d)/i, '$1:00');
  const atMs = parseInstant(full);
  if (atMs === null) throw new VectorError(`${JSON.stringify(text)} is no instant with an offset`);
  return atMs;
}
