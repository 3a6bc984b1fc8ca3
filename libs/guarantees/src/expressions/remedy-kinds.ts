import { parseInstant, type InstantMs } from '#libs/kernel';
import { amountOf, ROUNDINGS, ValueError, type Amount, type Ratio } from './amount.js';
import { exactOf } from './exact-number.js';
import { moneyKind, type ResultKind } from './result-kind.js';

const TIMES = ['google.protobuf.Timestamp', 'google.protobuf.Duration'];
const OTHERS = ['list', 'map', 'bytes', 'bool', 'Event', 'CustomerRecord'];

/** Money, exact: rounding is for the end of all arithmetic. */
export const EXACT_MONEY: ResultKind<Amount> = {
  ...moneyKind('half-up'),
  read(value) {
    const amount = amountOf(value);
    if (amount === null) throw new ValueError('money ({amountMinor, currency}) was expected');
    return amount;
  },
};

/** A number, exact. */
export const RATIO: ResultKind<Ratio> = {
  name: 'a number',
  refused: new Set([...OTHERS, ...TIMES, 'string', 'null', 'Money']),
  advice: 'Name a field that holds a number, or write one.',
  isOptional: false,
  read: exactOf,
};

/** A count of days, a whole number: below zero, before the day that they are counted from, it is none. */
export const WHOLE_NUMBER: ResultKind<number> = {
  ...RATIO,
  name: 'a whole number',
  read(value) {
    const { numerator, denominator } = exactOf(value);
    if (numerator % denominator !== 0n) throw new ValueError('a whole number was expected');
    return Math.max(Number(numerator / denominator), 0);
  },
};

/** A moment, or nothing where the fact that names it is absent. */
export const MOMENT: ResultKind<InstantMs | null> = {
  name: 'an instant',
  refused: new Set([...OTHERS, 'int', 'uint', 'double', 'google.protobuf.Duration', 'Money']),
  advice: 'Name a moment, e.g. dueAt, completedAt, or a fact that holds an instant with its offset.',
  isOptional: true,
  read(value) {
    if (value === null) return null;
    const instantMs = value instanceof Date ? value.getTime() : parseInstant(value);
    if (instantMs === null) throw new ValueError('an instant with an offset was expected');
    return instantMs;
  },
};

/** A way of rounding, `half_up` and `half-up` alike. */
export const ROUNDING_NAME: ResultKind<string> = {
  name: 'a way of rounding',
  refused: new Set([...OTHERS, ...TIMES, 'int', 'uint', 'double', 'Money', 'null']),
  advice: `It gives one of ${ROUNDINGS.join(', ')}.`,
  isOptional: false,
  read(value) {
    const name = String(value ?? 'half-up').replaceAll('_', '-');
    if ((ROUNDINGS as readonly string[]).includes(name)) return name;
    throw new ValueError(`one of ${ROUNDINGS.join(', ')} was expected`);
  },
};
