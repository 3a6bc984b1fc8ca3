import type { Interval, WorkingCalendar } from '#libs/calendar';
import type { InstantMs } from '#libs/kernel';

/** What a deadline counts: time that passes, or open time of a calendar. `pauses` are merged and sorted; they do not count. */
export interface Clock {
  /** The instant at which `ms` of the clock have been used since `fromMs`; null beyond the year 2100. */
  add(fromMs: InstantMs, ms: number, pauses: readonly Interval[]): InstantMs | null;
  /** The instant from which `ms` of the clock are left until `untilMs`; null before 1970. */
  subtract(untilMs: InstantMs, ms: number, pauses: readonly Interval[]): InstantMs | null;
  used(fromMs: InstantMs, untilMs: InstantMs, pauses: readonly Interval[]): number;
}

export function workingClock(calendar: WorkingCalendar): Clock {
  return {
    add: (fromMs, ms, pauses) => calendar.addOpenMs(fromMs, ms, pauses),
    subtract: (untilMs, ms, pauses) => calendar.subtractOpenMs(untilMs, ms, pauses),
    used: (fromMs, untilMs, pauses) => calendar.openMsBetween(fromMs, untilMs, pauses),
  };
}

/** A clock that never closes. */
export const ELAPSED: Clock = {
  add(fromMs, ms, pauses) {
    let [atMs, leftMs] = [fromMs, ms];
    for (const pause of pauses) {
      if (pause.untilMs <= atMs) continue;
      const runsMs = Math.max(0, pause.fromMs - atMs);
      if (runsMs >= leftMs) break;
      leftMs -= runsMs;
      atMs = pause.untilMs;
    }
    return atMs + leftMs;
  },
  subtract(untilMs, ms, pauses) {
    let [atMs, leftMs] = [untilMs, ms];
    for (let i = pauses.length - 1; i >= 0; i--) {
      const pause = pauses[i] as Interval;
      if (pause.fromMs >= atMs) continue;
      const runsMs = Math.max(0, atMs - pause.untilMs);
      if (runsMs >= leftMs) break;
      leftMs -= runsMs;
      atMs = pause.fromMs;
    }
    return atMs - leftMs;
  },
  used(fromMs, untilMs, pauses) {
    let usedMs = Math.max(0, untilMs - fromMs);
    for (const pause of pauses) {
      usedMs -= Math.max(0, Math.min(untilMs, pause.untilMs) - Math.max(fromMs, pause.fromMs));
    }
    return usedMs;
  },
};

/** The part of the pauses that lies after `fromMs`: what stood still before a clock began is no business of it. */
export function pausesAfter(pauses: readonly Interval[], fromMs: InstantMs): readonly Interval[] {
  if (pauses.every((pause) => pause.fromMs >= fromMs)) return pauses;
  return pauses
    .filter((pause) => pause.untilMs > fromMs)
    .map((pause) => (pause.fromMs < fromMs ? { fromMs, untilMs: pause.untilMs } : pause));
}
