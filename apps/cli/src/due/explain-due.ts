import { civilDueMs, dateTextOf, localText, type Segment, type WorkingCalendar } from '#libs/calendar';
import { describeDuration, formatInstant, type InstantMs } from '#libs/kernel';
import { table, wrap } from '../terminal/layout.js';
import type { Terminal } from '../terminal/terminal.js';
import type { Question } from './read-question.js';

/** Lines of an explanation; what lies between is left out. */
const LINES_MAX = 40;

/** What answers: the clock that runs, and the one that never closes in the same zone. */
export interface Clocks {
  /** null: no calendar was named. */
  readonly calendar: WorkingCalendar | null;
  readonly elapsed: WorkingCalendar;
  /** The one in which `--within` counts. */
  readonly clock: WorkingCalendar;
}

/** Computes one deadline and says how it comes about. @returns exit code: 1 when there is no such instant */
export function explainDue(question: Question, clocks: Clocks, json: boolean, terminal: Terminal): number {
  const { fromMs, limit, pauses, warnBeforeMs } = question;
  const { clock, calendar, elapsed } = clocks;
  const dueMs = 'span' in limit ? civilDue(question, clocks) : clock.addOpenMs(fromMs, limit.withinMs, pauses);
  const counting = 'span' in limit ? elapsed : clock;
  const warnMs = dueMs === null || warnBeforeMs === null ? null : counting.subtractOpenMs(dueMs, warnBeforeMs, pauses);
  const segments =
    dueMs === null ? [] : ('span' in limit ? (calendar ?? elapsed) : clock).segments(fromMs, dueMs, pauses);
  if (json) {
    const shown = segments.map((each) => ({ from: formatInstant(each.fromMs), until: formatInstant(each.untilMs), kind: each.kind })); // prettier-ignore
    const text = (atMs: InstantMs | null): string | null => (atMs === null ? null : formatInstant(atMs));
    terminal.json({ due: text(dueMs), ...(warnBeforeMs === null ? {} : { warnAt: text(warnMs) }), segments: shown });
    return dueMs === null ? 1 : 0;
  }
  if (dueMs === null) {
    terminal.line(`${terminal.paint('red', '✗')} never: a pause does not end, or it lies beyond the year 2100`);
    return 1;
  }
  const zone = clock.zone.name;
  terminal.line(`${terminal.paint('bold', `due ${wall(zone, dueMs)}`)}  ${zone}  (${formatInstant(dueMs)})`);
  if (warnMs !== null) terminal.line(`warn ${wall(zone, warnMs)}  ${zone}  (${formatInstant(warnMs)})`);
  terminal.line();
  const isCivil = 'span' in limit;
  const rows = isCivil ? dayRows(question, dueMs, calendar ?? elapsed) : segmentRows(segments, zone);
  const shown =
    rows.length <= LINES_MAX ? rows : [...rows.slice(0, LINES_MAX / 2), ['…'], ...rows.slice(-LINES_MAX / 2)];
  const headings = isCivil ? ['day', '', 'counted'] : ['from', 'until', '', 'lasts', 'used'];
  for (const line of table(headings, shown)) terminal.line(line);
  terminal.line();
  for (const line of wrap(words(question, clocks))) terminal.line(line);
  return 0;
}

function civilDue({ fromMs, limit, pauses }: Question, { calendar, elapsed }: Clocks): InstantMs | null {
  if (!('span' in limit)) return null;
  const dueMs = civilDueMs(elapsed.zone, calendar, fromMs, limit.span, limit.on);
  return dueMs === null ? null : elapsed.addOpenMs(fromMs, dueMs - fromMs, pauses);
}

function segmentRows(segments: readonly Segment[], zone: string): string[][] {
  let usedMs = 0;
  return segments.map(({ fromMs, untilMs, kind }) => {
    if (kind === 'open') usedMs += untilMs - fromMs;
    return [
      wall(zone, fromMs),
      wall(zone, untilMs),
      kind,
      describeDuration(untilMs - fromMs),
      describeDuration(usedMs),
    ];
  });
}

function dayRows({ fromMs }: Question, dueMs: InstantMs, calendar: WorkingCalendar): string[][] {
  const [first, last] = [calendar.zone.localDayOf(fromMs), calendar.zone.localDayOf(dueMs)];
  let counted = 0;
  return Array.from({ length: last - first + 1 }, (_, i) => {
    const open = calendar.isOpenDay(first + i);
    if (open && i > 0) counted++;
    const { day } = localText('UTC', (first + i) * 86_400_000, 'minute');
    return [day, open ? 'open' : 'closed', i === 0 ? 'the day it begins' : open ? String(counted) : ''];
  });
}

function words({ fromMs, limit, pauses }: Question, { calendar, clock, elapsed }: Clocks): string {
  const zone = clock.zone.name;
  const paused = pauses.length === 0 ? '' : ', the clock standing in the pauses';
  if ('withinMs' in limit) {
    const kind = clock === elapsed ? 'elapsed time' : `working time of ${clock.name}`;
    return `${describeDuration(limit.withinMs)} of ${kind} from ${wall(zone, fromMs)}${paused}.`;
  }
  const { years, months, days, businessDays } = limit.span;
  const amounts = [[years, 'year'], [months, 'month'], [days, 'day'], [businessDays, 'business day']] as const; // prettier-ignore
  const parts = amounts.filter(([n]) => n > 0).map(([n, unit]) => `${n} ${unit}${n === 1 ? '' : 's'}`);
  const on = typeof limit.on === 'number' ? 'at the wall time given' : `at ${limit.on.replaceAll('-', ' ')}`;
  const calendarWords =
    calendar === null || (businessDays === 0 && limit.on !== 'close')
      ? ''
      : `, business days and close of ${calendar.name}`;
  const first = businessDays > 0 ? ', which does not count,' : '';
  return `${parts.join(', ')} from ${dateTextOf(elapsed.zone.localDayOf(fromMs))}${first} ${on}${calendarWords}${pauses.length === 0 ? '' : ', moved by the length of the pauses'}.`;
}

function wall(zone: string, atMs: InstantMs): string {
  const { day, time } = localText(
    zone,
    atMs,
    atMs % 60_000 === 0 ? 'minute' : atMs % 1_000 === 0 ? 'second' : 'millisecond',
  );
  return `${day} ${time}`;
}
