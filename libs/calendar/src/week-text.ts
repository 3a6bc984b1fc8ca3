import type { Window } from './compiled-calendar.js';

/** In the order of a compiled week. */
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const DAY_MS = 86_400_000;
const CLOCK = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/;

/**
 * The weekdays (Monday 0) that a key of a week names: `mon`, `mon-fri`, `sun-thu` (over the week's end), `sat,sun`
 * and `*` for all; null for another text.
 */
export function weekdaysOf(key: string): number[] | null {
  const text = key.trim().toLowerCase();
  if (text === '*') return [0, 1, 2, 3, 4, 5, 6];
  const days = new Set<number>();
  for (const part of text.split(',')) {
    const [first = '', last = first, ...more] = part.split('-').map((name) => name.trim());
    const [from, until] = [first, last].map((name) => WEEKDAYS.findIndex((day) => day === name)) as [number, number];
    if (from < 0 || until < 0 || more.length > 0) return null;
    for (let day = from; ; day = (day + 1) % 7) {
      days.add(day);
      if (day === until) break;
    }
  }
  return [...days].sort((a, b) => a - b);
}

/** Milliseconds of the local day of `09:00`, `17:30:15` or `24:00`; null for another text. */
export function clockMsOf(text: string): number | null {
  const match = CLOCK.exec(text.trim());
  if (match === null) return null;
  const [hours, minutes, seconds] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
  const ms = hours * 3_600_000 + minutes * 60_000 + seconds * 1_000;
  return minutes > 59 || seconds > 59 || ms > DAY_MS ? null : ms;
}

/** `09:00`, `17:30:15`, `24:00` */
export function clockTextOf(msOfDay: number): string {
  const two = (n: number): string => String(Math.floor(n)).padStart(2, '0');
  const text = `${two(msOfDay / 3_600_000)}:${two((msOfDay / 60_000) % 60)}`;
  return msOfDay % 60_000 === 0 ? text : `${text}:${two((msOfDay / 1_000) % 60)}`;
}

/** The windows of a whole day. */
export const ALL_DAY: readonly Window[] = [[0, DAY_MS]];

/** One entry of a week: the windows of the weekdays that its key names. */
export interface WeekEntry {
  readonly weekdays: readonly number[];
  readonly windows: readonly Window[];
}

/**
 * Seven lists of windows, Monday first. Where several entries name a weekday, the one that names the fewest days
 * holds (`mon-fri` and `fri`: Friday has its own); a weekday that none names is closed.
 */
export function weekOf(entries: readonly WeekEntry[]): Window[][] {
  const byWidth = [...entries].sort((a, b) => a.weekdays.length - b.weekdays.length);
  return WEEKDAYS.map((_, day) => [...(byWidth.find(({ weekdays }) => weekdays.includes(day))?.windows ?? [])]);
}
