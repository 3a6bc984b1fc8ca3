import { Duration } from '@marcbachmann/cel-js/evaluator';
import { isLocalDate } from '#libs/calendar';
import {
  formatInstant,
  MAX_INSTANT_MS,
  MIN_INSTANT_MS,
  parseDurationMs,
  parseInstant,
  type InstantMs,
  type Money,
} from '#libs/kernel';
import { exactOf } from './exact-number.js';
import { Amount, moneyOnTheWire, roundToMoney, ValueError, type Rounding } from './amount.js';

/** What the use of an expression demands of its value. */
export interface ResultKind<T> {
  /** In words, for "… must give <name>". */
  readonly name: string;
  /** CEL types that can never become it. */
  readonly refused: ReadonlySet<string>;
  readonly advice: string;
  /** Whether an absent field gives null rather than an error. */
  readonly isOptional: boolean;
  /** @throws ValueError when the value cannot become it. */
  read(value: unknown): T;
}

/** Longest text id: subjects, customers, references. */
const TEXT_CHARS_MAX = 200;
/** A fact kept for later travels in every event about its promise. */
const FACT_CHARS_MAX = 2_000;

const NUMBERS = ['int', 'uint', 'double'];
const TIMES = ['google.protobuf.Timestamp', 'google.protobuf.Duration'];
const COLLECTIONS = ['list', 'map', 'bytes', 'Event', 'CustomerRecord'];

export const CONDITION: ResultKind<boolean> = {
  name: 'true or false',
  refused: new Set([...NUMBERS, ...TIMES, ...COLLECTIONS, 'string', 'Money', 'null']),
  advice: 'Compare it, e.g. event.data.product == "EMS".',
  isOptional: false,
  read(value) {
    if (typeof value === 'boolean') return value;
    throw new ValueError(`true or false was expected, ${typeName(value)} was found`);
  },
};

const TEXT_REFUSED = new Set(['bool', 'double', 'Money', 'null', ...TIMES, ...COLLECTIONS]);
const TEXT_ADVICE = 'Name a field that holds text, e.g. event.data.customerId.';

export const TEXT: ResultKind<string> = {
  name: 'text',
  refused: TEXT_REFUSED,
  advice: TEXT_ADVICE,
  isOptional: false,
  read: readText,
};

export const OPTIONAL_TEXT: ResultKind<string | null> = {
  name: 'text',
  refused: TEXT_REFUSED,
  advice: TEXT_ADVICE,
  isOptional: true,
  read: (value) => (value === null || value === '' ? null : readText(value)),
};

/** An instant as RFC 3339 text with an offset, or a timestamp that CEL computed. */
export const INSTANT: ResultKind<InstantMs> = {
  name: 'an instant',
  refused: new Set(['bool', 'Money', 'null', 'google.protobuf.Duration', ...NUMBERS, ...COLLECTIONS]),
  advice: 'Name a field that holds an instant with its offset, e.g. event.data.promisedAt.',
  isOptional: false,
  read(value) {
    const instantMs = value instanceof Date ? value.getTime() : parseInstant(value);
    if (instantMs !== null && instantMs >= MIN_INSTANT_MS && instantMs <= MAX_INSTANT_MS) return instantMs;
    throw new ValueError(
      'an instant with an offset between 1970 and 2100 was expected, e.g. 2026-05-04T16:30:00+02:00',
    );
  },
};

export const LOCAL_DATE: ResultKind<string> = {
  name: 'a local date',
  refused: new Set(['bool', 'Money', 'null', ...TIMES, ...NUMBERS, ...COLLECTIONS]),
  advice: 'Name a field that holds a date as YYYY-MM-DD, e.g. event.data.promisedDate.',
  isOptional: false,
  read(value) {
    if (isLocalDate(value) && value >= '1970-01-02' && value <= '2100-12-30') return value;
    throw new ValueError('a date as YYYY-MM-DD between 1970 and 2100 was expected');
  },
};

/** What a deadline is set to: an instant, or a local date, which means its end; null: nothing is promised. */
export type Target = { readonly atMs: InstantMs } | { readonly date: string };

export const TARGET: ResultKind<Target | null> = {
  name: 'an instant or a local date',
  refused: INSTANT.refused,
  advice: INSTANT.advice,
  isOptional: false,
  read(value) {
    if (value === null) return null;
    return isLocalDate(value) ? { date: LOCAL_DATE.read(value) } : { atMs: INSTANT.read(value) };
  },
};

/** A local date; null: nothing is promised. */
export const TARGET_DATE: ResultKind<string | null> = {
  ...LOCAL_DATE,
  refused: new Set([...LOCAL_DATE.refused].filter((type) => type !== 'null')),
  read: (value) => (value === null ? null : LOCAL_DATE.read(value)),
};

/** Ten years: longer than any term of a promise. */
export const DURATION_MAX_MS = 3_653 * 86_400_000;

/** A duration that CEL computed, or ISO 8601 text, in milliseconds; null: nothing is promised. */
export const DURATION: ResultKind<number | null> = {
  name: 'a duration',
  refused: new Set(['bool', 'Money', 'google.protobuf.Timestamp', ...NUMBERS, ...COLLECTIONS]),
  advice: 'Write PT4H, duration("4h"), minutes(event.data.limitMinutes), or name a field that holds such text.',
  isOptional: false,
  read(value) {
    if (value === null) return null;
    const ms = value instanceof Duration ? Math.floor(Number(value.valueOf())) : parseDurationMs(value);
    if (ms === null) throw new ValueError('a duration was expected, e.g. PT4H');
    if (ms < 0 || ms > DURATION_MAX_MS) throw new ValueError('a duration from zero to ten years was expected');
    return ms;
  },
};

/** A whole number of zero or more, up to `most`; null: nothing is promised. */
export function countKind(most: number): ResultKind<number | null> {
  return {
    name: 'a whole number',
    refused: new Set(['bool', 'string', 'Money', ...TIMES, ...COLLECTIONS]),
    advice: 'Write a number, or name a field that holds one, e.g. event.data.days.',
    isOptional: false,
    read(value) {
      if (value === null) return null;
      const { numerator, denominator } = exactOf(value);
      const count = numerator % denominator === 0n ? Number(numerator / denominator) : -1;
      if (count >= 0 && count <= most) return count;
      throw new ValueError(`a whole number from 0 to ${most} was expected`);
    },
  };
}

/** A time on the wall as `HH:MM` or `HH:MM:SS`, 24:00 allowed, in milliseconds of the day. */
export const WALL_TIME: ResultKind<number> = {
  name: 'a time of day',
  refused: LOCAL_DATE.refused,
  advice: 'Write "12:00", or name a field that holds such text.',
  isOptional: false,
  read(value) {
    const ms = wallTimeMs(value);
    if (ms === null) throw new ValueError('a time of day as HH:MM was expected');
    return ms;
  },
};

export function wallTimeMs(value: unknown): number | null {
  const m = typeof value === 'string' ? /^(\d\d):(\d\d)(?::(\d\d))?$/.exec(value) : null;
  if (m === null) return null;
  const [hour, minute, second] = [Number(m[1]), Number(m[2]), Number(m[3] ?? 0)];
  const ms = ((hour * 60 + minute) * 60 + second) * 1_000;
  return minute < 60 && second < 60 && ms <= 86_400_000 ? ms : null;
}

/** Any JSON value, for facts kept with the promise. */
export const FACT: ResultKind<unknown> = {
  name: 'a value',
  refused: new Set(['Event', 'CustomerRecord', 'bytes']),
  advice: 'Name a field of event.data.',
  isOptional: true,
  read(value) {
    if (typeof value === 'string' ? value.length <= FACT_CHARS_MAX : typeof value !== 'object') return plain(value);
    const json = plain(value);
    if (JSON.stringify(json).length <= FACT_CHARS_MAX) return json;
    throw new ValueError(`a fact of at most ${FACT_CHARS_MAX} characters was expected`);
  },
};

/** Money, exact until it is rounded once; never negative. */
export function moneyKind(rounding: Rounding): ResultKind<Money> {
  return {
    name: 'money',
    refused: new Set(['bool', 'string', 'null', 'list', 'bytes', 'Event', 'CustomerRecord', ...TIMES]),
    advice: 'Write base.postage, percent(base.postage, 10) or money("5.00").',
    isOptional: false,
    read(value) {
      const money = value instanceof Amount ? roundToMoney(value, rounding) : moneyOnTheWire(value);
      if (money === null) throw new ValueError('money ({amountMinor, currency}) was expected');
      if (money.amountMinor < 0) throw new ValueError('money of zero or more was expected');
      return money;
    },
  };
}

function readText(value: unknown): string {
  const isNumber = typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value));
  const text = isNumber ? String(value) : value;
  if (typeof text !== 'string') throw new ValueError(`text was expected, ${typeName(value)} was found`);
  if (text.length > TEXT_CHARS_MAX) throw new ValueError(`text of at most ${TEXT_CHARS_MAX} characters was expected`);
  return text;
}

/** CEL's values as JSON has them. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Amount) return roundToMoney(value, 'half-up');
  if (value instanceof Date) return formatInstant(value.getTime());
  if (value instanceof Duration) return `PT${value.getSeconds()}S`;
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : typeof value === 'string' ? 'text' : `a ${typeof value}`;
}
