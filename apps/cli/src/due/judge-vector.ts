import {
  ALL_DAY,
  calendarOf,
  civilDueMs,
  clockMsOf,
  compileTerms,
  isTimeZone,
  mergeIntervals,
  parseCivilSpan,
  type CivilSpan,
  type DueOnDay,
  type Interval,
  type WeekChange,
  type WeekWindows,
  type WorkingCalendar,
} from '#libs/calendar';
import { formatInstant, parseDurationMs, type InstantMs } from '#libs/kernel';
import {
  changesOfVector,
  holidaysOfVector,
  instantOf,
  member,
  VectorError,
  weekOfVector,
  type Vector,
} from './vector.js';

/** What is compared of a vector: instants as RFC 3339, null for never, or the code of a refusal. */
export interface VectorOutcome {
  readonly due?: string | null;
  readonly warnAt?: string | null;
  readonly error?: string;
}

const WHOLE_WEEK: WeekWindows = Array.from({ length: 7 }, () => ALL_DAY);
const MINUTE_MS = 60_000;

/** What a vector expects, in the form in which `outcomeOf` answers. */
export function expectedOf(vector: Vector): VectorOutcome {
  if (vector.error !== undefined) return { error: vector.error };
  const text = (value: unknown): string | null => (value === null ? null : formatInstant(instantOf(value)));
  return {
    ...(hasStart(vector) && vector.due !== undefined ? { due: text(vector.due) } : {}),
    ...(vector.warnAt === undefined ? {} : { warnAt: text(vector.warnAt) }),
  };
}

/**
 * What the engine says to a vector.
 * @throws VectorError for a vector that cannot be read
 */
export function outcomeOf(vector: Vector, tzVersion: string): VectorOutcome {
  const zone = String(vector.zone ?? vector.timeZone ?? 'UTC');
  if (!isTimeZone(zone)) throw new VectorError(`zone: there is no time zone ${zone}`);
  const startMs = hasStart(vector) ? instantOf(vector.start) : null;
  const holidays = holidaysOfVector(vector.holidays ?? [], startMs);
  const compile = (week: WeekWindows, changes: readonly WeekChange[], days: readonly number[]) =>
    compileTerms({ name: vector.id, timeZone: zone, week, changes, holidays: days }, tzVersion);
  const { calendar: compiled, problem } = compile(weekOfVector(vector.windows), changesOfVector(vector), holidays);
  if (problem !== undefined) return vector.error === undefined ? { due: null } : { error: problem.code };
  const calendar = calendarOf(compiled);
  const { calendar: neverClosing } = compile(WHOLE_WEEK, [], []);
  if (neverClosing === undefined) throw new VectorError('a calendar of whole weeks was refused');
  const elapsed = calendarOf(neverClosing);
  const clock = vector.kind === 'elapsed' ? elapsed : calendar;
  const pauses = pausesOf(vector.pauses ?? []);
  const dueMs = startMs === null ? instantOf(vector.due) : dueOf(vector, { calendar, elapsed, startMs, pauses });
  return {
    ...(startMs === null ? {} : { due: textOf(dueMs) }),
    ...(vector.warnAt === undefined ? {} : { warnAt: textOf(warnAt(vector, clock, dueMs, pauses)) }),
  };
}

interface Clocks {
  readonly calendar: WorkingCalendar;
  /** The same zone without closing time: elapsed time. */
  readonly elapsed: WorkingCalendar;
  readonly startMs: InstantMs;
  readonly pauses: readonly Interval[];
}

function dueOf(vector: Vector, { calendar, elapsed, startMs, pauses }: Clocks): InstantMs | null {
  const kind = vector.kind ?? (vector.period === undefined ? 'working' : 'civil');
  if (kind === 'elapsed') return elapsed.addOpenMs(startMs, amountMs(vector), pauses);
  if (kind === 'working') return calendar.addOpenMs(startMs, amountMs(vector), pauses);
  if (!/^(civil|calendar|business)/.test(kind)) throw new VectorError(`kind: ${kind} is not elapsed, working or civil`);
  const [period, by] = String(vector.period ?? vector['within'] ?? vector['duration'] ?? '').split(/\s+(?:by|at)\s+/i);
  const span = parseCivilSpan(period ?? '');
  if (span === null) throw new VectorError(`period: ${vector.period} is no civil period`);
  const place = dueOnDay(member(vector, ['by', 'at', 'until', 'time']) ?? by, span);
  const dueMs = civilDueMs(calendar.zone, vector.windows === undefined ? null : calendar, startMs, span, place);
  // A pause moves a civil due by its length.
  return dueMs === null ? null : elapsed.addOpenMs(startMs, dueMs - startMs, pauses);
}

function amountMs(vector: Vector): number {
  const text = member(vector, ['period', 'duration', 'within', 'limit']);
  const ms = vector.minutes === undefined ? parseDurationMs(text) : vector.minutes * MINUTE_MS;
  if (ms === null || !Number.isSafeInteger(ms) || ms < 0) throw new VectorError('minutes: how long is not said');
  return ms;
}

/** Business days alone are due at close, calendar days at the same wall time. */
function dueOnDay(by: unknown, span: CivilSpan): DueOnDay {
  if (by === undefined || by === null) return span.businessDays > 0 ? 'close' : 'same-time';
  const text = String(by).toLowerCase();
  if (/close|closing/.test(text)) return 'close';
  if (/end|midnight/.test(text)) return 'end-of-day';
  if (/same/.test(text)) return 'same-time';
  const wallTime = clockMsOf(text);
  if (wallTime === null) throw new VectorError(`by: ${text} is not close, end-of-day or a wall time`);
  return wallTime;
}

function pausesOf(pauses: readonly unknown[]): Interval[] {
  const intervals = pauses.map((pause) => {
    const [from, until] = Array.isArray(pause)
      ? (pause as unknown[])
      : [member(pause as object, ['from', 'start', 'at']), member(pause as object, ['until', 'to', 'end'])];
    return { fromMs: instantOf(from), untilMs: until == null ? Infinity : instantOf(until) };
  });
  return mergeIntervals(intervals);
}

function warnAt(
  { warnBeforeMinutes = 0 }: Vector,
  clock: WorkingCalendar,
  dueMs: InstantMs | null,
  pauses: readonly Interval[],
): InstantMs | null {
  return dueMs === null ? null : clock.subtractOpenMs(dueMs, warnBeforeMinutes * MINUTE_MS, pauses);
}

const hasStart = (vector: Vector): boolean => vector.start !== undefined && vector.start !== null;
const textOf = (atMs: InstantMs | null): string | null => (atMs === null ? null : formatInstant(atMs));
