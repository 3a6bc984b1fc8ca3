import type { Environment } from '@marcbachmann/cel-js';
import { isLocalDate, type DayNumber, type WorkingCalendar } from '#libs/calendar';
import { parseInstant } from '#libs/kernel';
import type { RateTable } from '../remedy.js';
import { ValueError, type Amount } from './amount.js';

/** What the functions of a verdict look up: the guarantee's rates and the calendar of its working days. */
export interface VerdictTables {
  readonly rates: Readonly<Record<string, RateTable>>;
  /** Made when first asked for: most guarantees count no days. */
  readonly calendar: () => WorkingCalendar;
}

const DAY_MS = 86_400_000;

/**
 * `rate("repair", at)`, `days(a, b)`, `businessDays(a, b)`, `businessDaysAfter(a, n)`, `startOfDay(a)`, `endOfDay(a)`:
 * moments are timestamps, or text that is an instant or a local date.
 */
export function withVerdictFunctions({ rates, calendar }: VerdictTables, environment: Environment): Environment {
  const dayOf = (value: unknown): DayNumber => dayNumberOf(value, calendar());
  environment.registerFunction('rate(string, dyn): Money', (name: string, at: unknown) => {
    const table = rates[name];
    if (table === undefined) throw new ValueError(`there is no table of rates ${name}`);
    return rateOn(table, dayOf(at));
  });
  environment.registerFunction('days(dyn, dyn): int', (a: unknown, b: unknown) => BigInt(dayOf(b) - dayOf(a)));
  environment.registerFunction('businessDays(dyn, dyn): int', (a: unknown, b: unknown) =>
    BigInt(openDaysBetween(calendar(), dayOf(a), dayOf(b))),
  );
  environment.registerFunction('businessDaysAfter(dyn, int): google.protobuf.Timestamp', (a: unknown, n: bigint) => {
    const day = calendar().addOpenDays(dayOf(a), Number(n));
    if (day === null) throw new ValueError('a working day before the year 2100 was expected');
    return new Date(calendar().zone.endOfDayMs(day));
  });
  environment.registerFunction(
    'startOfDay(dyn): google.protobuf.Timestamp',
    (a: unknown) => new Date(calendar().zone.startOfDayMs(dayOf(a))),
  );
  environment.registerFunction(
    'endOfDay(dyn): google.protobuf.Timestamp',
    (a: unknown) => new Date(calendar().zone.endOfDayMs(dayOf(a))),
  );
  return environment;
}

/** The local day of a timestamp, of text that is an instant, or of a date. @throws ValueError */
export function dayNumberOf(value: unknown, calendar: WorkingCalendar): DayNumber {
  if (isLocalDate(value)) return Date.parse(`${value}T00:00:00Z`) / DAY_MS;
  const atMs = value instanceof Date ? value.getTime() : parseInstant(value);
  if (atMs === null) throw new ValueError('an instant with an offset, or a date as YYYY-MM-DD, was expected');
  return calendar.zone.localDayOf(atMs);
}

/** The rate in force on a local day. @throws ValueError before the first of the table. */
export function rateOn(table: RateTable, day: DayNumber): Amount {
  const date = new Date(day * DAY_MS).toISOString().slice(0, 10);
  const entry = table.findLast(({ from }) => from <= date);
  if (entry === undefined) throw new ValueError(`there is no rate as early as ${date}`);
  return entry.amount;
}

/** Days counted at most: longer stretches are lifetimes. */
const OPEN_DAYS_MAX = 4_000;

/** Open days after day `a`, up to and with day `b`; 0 when `b` is not after `a`. */
export function openDaysBetween(calendar: WorkingCalendar, a: DayNumber, b: DayNumber): number {
  let count = 0;
  for (let day = calendar.addOpenDays(a, 1); day !== null && day <= b; day = calendar.addOpenDays(day, 1)) {
    if (++count > OPEN_DAYS_MAX) throw new ValueError(`at most ${OPEN_DAYS_MAX} working days can be counted`);
  }
  return count;
}
