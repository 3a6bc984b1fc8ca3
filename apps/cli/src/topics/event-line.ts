import { PROMISE_EVENT_PREFIX, type LineEventData, type PromiseEventData } from '#libs/contracts';
import { describeDuration, formatMoney, isMoney, parseInstant } from '#libs/kernel';

/** The members of an event that a line for people shows. */
export interface ShownEvent {
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly receivedat?: string;
  readonly data: unknown;
}

/** "Mon 16:45" in a zone. */
export function shortTime(instantMs: number, timeZone: string): string {
  const parts = formatter(timeZone).formatToParts(instantMs);
  const of = (type: string): string => parts.find((part) => part.type === type)?.value ?? '';
  return `${of('weekday')} ${of('day')} ${of('month')} ${of('hour')}:${of('minute')}`;
}

const formatters = new Map<string, Intl.DateTimeFormat>();
function formatter(timeZone: string): Intl.DateTimeFormat {
  let known = formatters.get(timeZone);
  if (!known) {
    known = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      weekday: 'short',
      day: '2-digit',
      month: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    formatters.set(timeZone, known);
  }
  return known;
}

/** "refund.requested" for makegood's own types, the full type of everybody else's. */
export function shortType(type: string): string {
  return type.startsWith(PROMISE_EVENT_PREFIX)
    ? `promise ${type.slice(PROMISE_EVENT_PREFIX.length)}`
    : type.replace(/^makegood\./, '');
}

/** What an event says, in a few words: money, lateness, due, why. */
export function gist(event: ShownEvent, timeZone: string): string {
  if (event.type.startsWith(PROMISE_EVENT_PREFIX))
    return promiseGist(event.type, event.data as PromiseEventData, timeZone);
  const line = event.data as Partial<LineEventData>;
  if (line.lineId) return lineGist(event.type, line);
  return factGist(event, timeZone);
}

function promiseGist(type: string, data: PromiseEventData, timeZone: string): string {
  const dueMs = parseInstant(data.dueAt) ?? 0;
  if (type.endsWith('.opened')) return `due ${shortTime(dueMs, timeZone)}`;
  if (data.latenessMs !== undefined && data.latenessMs > 0) return `${describeDuration(data.latenessMs)} late`;
  if (data.completedAt !== undefined && data.verdict === 'kept') {
    return `${describeDuration(dueMs - (parseInstant(data.completedAt) ?? dueMs))} before it was due`;
  }
  return `due ${shortTime(dueMs, timeZone)}`;
}

function lineGist(type: string, line: Partial<LineEventData>): string {
  if (line.title !== undefined)
    return [`"${line.title}"`, type.endsWith('.requested') ? '' : (line.reason ?? '')].filter(Boolean).join('; ');
  const key = `key ${String(line.idempotencyKey ?? line.lineId).slice(0, 8)}…`;
  const what = line.amount ? formatMoney(line.amount) : line.points !== undefined ? `${line.points} points` : '';
  const why = type.endsWith('.requested') ? '' : (line.reason ?? '');
  return [what, why, key].filter(Boolean).join('; ');
}

function factGist(event: ShownEvent, timeZone: string): string {
  const happenedMs = parseInstant(event.time);
  const learnedMs = parseInstant(event.receivedat);
  if (happenedMs !== null && learnedMs !== null && learnedMs !== happenedMs)
    return `happened ${shortTime(happenedMs, timeZone)}, learned now`;
  const amounts = Object.entries((event.data ?? {}) as Record<string, unknown>).filter(([, value]) => isMoney(value));
  return amounts.map(([name, value]) => `${name} ${formatMoney(value as never)}`).join(', ');
}
