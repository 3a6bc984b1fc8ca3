import { MAX_INSTANT_MS, MIN_INSTANT_MS, type InstantMs } from '#libs/kernel';
import type { CompiledCalendar } from './compiled-calendar.js';
import { OpenDays } from './open-days.js';
import { OpenTime } from './open-time.js';
import { SEGMENTS_MAX, type DayNumber, type Interval, type Segment, type WorkingCalendar } from './working-calendar.js';
import { SpanZone } from './zone-of.js';

const NO_PAUSES: readonly Interval[] = [];

/** The opening hours of a compiled calendar. Costs nothing until asked; what has been computed is kept. */
export function calendarOf(compiled: CompiledCalendar): WorkingCalendar {
  return new CompiledWorkingCalendar(compiled);
}

class CompiledWorkingCalendar implements WorkingCalendar {
  readonly name: string;
  readonly hash: string;
  readonly zone: SpanZone;
  private readonly time: OpenTime;
  private readonly days: OpenDays;

  constructor(compiled: CompiledCalendar) {
    this.name = compiled.name;
    this.hash = compiled.hash;
    this.zone = new SpanZone(compiled.zone, compiled.hash, compiled.transitions);
    this.time = new OpenTime(this.zone, compiled);
    this.days = new OpenDays((day) => this.isOpenDay(day));
  }

  isOpenAt(atMs: InstantMs): boolean {
    return this.time.between(atMs, atMs + 1) > 0;
  }

  addOpenMs(fromMs: InstantMs, openMs: number, pauses = NO_PAUSES): InstantMs | null {
    if (openMs <= 0) return fromMs;
    let [atMs, leftMs] = [fromMs, openMs];
    for (const pause of pauses) {
      if (pause.untilMs <= atMs) continue;
      if (pause.fromMs > atMs) {
        const untilPauseMs = this.time.between(atMs, pause.fromMs);
        if (untilPauseMs >= leftMs) break;
        leftMs -= untilPauseMs;
      }
      atMs = pause.untilMs;
    }
    return atMs > MAX_INSTANT_MS ? null : this.time.after(atMs, leftMs);
  }

  subtractOpenMs(untilMs: InstantMs, openMs: number, pauses = NO_PAUSES): InstantMs | null {
    if (openMs <= 0) return untilMs;
    let [atMs, leftMs] = [untilMs, openMs];
    for (let i = pauses.length - 1; i >= 0; i--) {
      const pause = pauses[i] as Interval;
      if (pause.fromMs >= atMs) continue;
      if (pause.untilMs < atMs) {
        const sincePauseMs = this.time.between(pause.untilMs, atMs);
        if (sincePauseMs >= leftMs) break;
        leftMs -= sincePauseMs;
      }
      atMs = pause.fromMs;
    }
    return atMs < MIN_INSTANT_MS ? null : this.time.before(atMs, leftMs);
  }

  openMsBetween(aMs: InstantMs, bMs: InstantMs, pauses = NO_PAUSES): number {
    let openMs = this.time.between(aMs, bMs);
    for (const { fromMs, untilMs } of pauses) {
      openMs -= this.time.between(Math.max(aMs, fromMs), Math.min(bMs, untilMs));
    }
    return openMs;
  }

  segments(aMs: InstantMs, bMs: InstantMs, pauses = NO_PAUSES): Segment[] {
    const segments: Segment[] = [];
    let atMs = aMs;
    const upTo = (untilMs: InstantMs, kind: Segment['kind']): void => {
      if (untilMs > atMs && segments.length < SEGMENTS_MAX) segments.push({ fromMs: atMs, untilMs, kind });
      atMs = Math.max(atMs, untilMs);
    };
    for (const open of this.time.openings(aMs, bMs)) {
      if (segments.length >= SEGMENTS_MAX) break;
      upTo(open.fromMs, 'closed');
      for (const pause of pauses) {
        if (pause.untilMs <= atMs || pause.fromMs >= open.untilMs) continue;
        upTo(pause.fromMs, 'open');
        upTo(Math.min(pause.untilMs, open.untilMs), 'paused');
      }
      upTo(open.untilMs, 'open');
    }
    upTo(bMs, 'closed');
    return segments;
  }

  isOpenDay(day: DayNumber): boolean {
    return this.openingsOf(day).length > 0;
  }

  addOpenDays(day: DayNumber, n: number): DayNumber | null {
    return this.days.add(day, n);
  }

  openingsOf(day: DayNumber): readonly Interval[] {
    return this.time.openingsOfDay(day);
  }

  closeOfMs(day: DayNumber): InstantMs | null {
    return this.openingsOf(day).at(-1)?.untilMs ?? null;
  }
}
