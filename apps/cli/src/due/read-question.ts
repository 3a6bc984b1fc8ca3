import {
  clockMsOf,
  mergeIntervals,
  parseCivilSpan,
  type CivilSpan,
  type DueOnDay,
  type Interval,
} from '#libs/calendar';
import { parseDurationMs, parseInstant, type InstantMs } from '#libs/kernel';
import { UsageError } from '../errors.js';

/** The options of `due` as given. */
export interface DueOptions {
  readonly vectors?: string;
  readonly json?: boolean;
  readonly calendar?: string;
  readonly zone?: string;
  readonly from?: string;
  readonly within?: string;
  readonly by?: string;
  readonly at?: string;
  readonly elapsed?: boolean;
  readonly working?: boolean;
  readonly pause?: readonly string[];
  readonly warnBefore?: string;
}

/** A deadline asked for: a clock runs for so long, or civil time passes. */
export interface Question {
  readonly fromMs: InstantMs;
  readonly limit: { readonly withinMs: number } | { readonly span: CivilSpan; readonly on: DueOnDay };
  readonly pauses: readonly Interval[];
  readonly warnBeforeMs: number | null;
}

/** @throws UsageError naming the option that cannot be read */
export function readQuestion(options: DueOptions): Question {
  const { from, within, by, at, pause = [], warnBefore } = options;
  if (from === undefined || (within === undefined) === (by === undefined)) {
    const detail = 'due → needs --from INSTANT and one of --within DURATION and --by PERIOD (or --vectors FILE)';
    const advice =
      './makegood due --calendar calendars/office-hours.yaml --from 2026-12-24T16:30:00+01:00 --within PT4H';
    throw new UsageError({ code: 'OPTION_MISSING', detail, advice });
  }
  if (options.working && (options.elapsed || options.calendar === undefined)) {
    const advice = 'Working time is that of a calendar: name one with --calendar, and leave out --elapsed.';
    throw new UsageError({ code: 'OPTION_MISSING', detail: '--working → needs --calendar FILE', advice });
  }
  const span = by === undefined ? null : parseCivilSpan(by);
  if (by !== undefined && span === null) refuse(`--by ${by}`, 'Civil time is such as P1D, P1M, P5BD (business days).');
  const limit =
    span === null ? { withinMs: duration('--within', within) } : { span, on: placeOf(at, span.businessDays > 0) };
  const pauses = mergeIntervals(pause.map(pauseOf));
  return {
    fromMs: instant('--from', from),
    limit,
    pauses,
    warnBeforeMs: warnBefore === undefined ? null : duration('--warn-before', warnBefore),
  };
}

function placeOf(at: string | undefined, isBusinessDays: boolean): DueOnDay {
  if (at === undefined) return isBusinessDays ? 'close' : 'same-time';
  if (at === 'close' || at === 'end-of-day' || at === 'same-time') return at;
  return clockMsOf(at) ?? refuse(`--at ${at}`, 'Write close, end-of-day, same-time or a wall time such as 12:00.');
}

function pauseOf(text: string): Interval {
  const [from = '', until = ''] = text.split('/');
  const untilMs = until === '' ? Infinity : instant('--pause', until);
  return { fromMs: instant('--pause', from), untilMs };
}

function instant(option: string, text: string): InstantMs {
  return (
    parseInstant(text) ?? refuse(`${option} ${text}`, 'Write an instant with its offset: 2026-06-01T09:00:00+02:00.')
  );
}

function duration(option: string, text: string | undefined): number {
  return parseDurationMs(text) ?? refuse(`${option} ${text}`, 'Write an ISO 8601 duration such as PT4H or PT90M.');
}

function refuse(found: string, advice: string): never {
  throw new UsageError({ code: 'OPTION_INVALID', detail: `${found} → cannot be read`, advice });
}
