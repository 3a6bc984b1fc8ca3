import type { InstantMs } from '#libs/kernel';
import type { CompiledZone, Transition } from './compiled-calendar.js';
import { dateOfDay, dayOfDate, daysOfMonth } from './day-number.js';
import type { CivilPeriod, DayNumber, Zone } from './working-calendar.js';

const DAY_MS = 86_400_000;

/** The clocks of a compiled zone. A microsecond or less for each question. */
export function zoneOf(compiled: CompiledZone): Zone {
  return new SpanZone(compiled.name, compiled.hash, compiled.transitions);
}

/** A zone as spans of standing offset: span i is `[fromMs[i], fromMs[i + 1])`, the first and last without end. */
export class SpanZone implements Zone {
  private readonly fromMs: Float64Array;
  private readonly offsetMs: Float64Array;
  private last = 0;

  constructor(
    readonly name: string,
    readonly hash: string,
    transitions: readonly Transition[],
  ) {
    this.fromMs = Float64Array.from(transitions, ([fromMs], i) => (i === 0 ? -Infinity : fromMs));
    this.offsetMs = Float64Array.from(transitions, ([, offsetMs]) => offsetMs);
  }

  offsetMsAt(atMs: InstantMs): number {
    return this.offsetMs[this.spanAt(atMs)] as number;
  }

  localDayOf(atMs: InstantMs): DayNumber {
    return Math.floor((atMs + this.offsetMsAt(atMs)) / DAY_MS);
  }

  startOfDayMs(day: DayNumber): InstantMs {
    return this.resolve(day * DAY_MS, (jumpAtMs) => jumpAtMs);
  }

  endOfDayMs(day: DayNumber): InstantMs {
    return this.startOfDayMs(day + 1) - 1;
  }

  instantOf(day: DayNumber, msOfDay: number): InstantMs {
    const wallMs = day * DAY_MS + msOfDay;
    return this.resolve(wallMs, (_jumpAtMs, offsetBeforeMs) => wallMs - offsetBeforeMs);
  }

  addCivil(fromMs: InstantMs, period: CivilPeriod): InstantMs {
    const { years = 0, months = 0, days = 0 } = period;
    if (years === 0 && months === 0 && days === 0) return fromMs;
    const wallMs = fromMs + this.offsetMsAt(fromMs);
    const from = Math.floor(wallMs / DAY_MS);
    const { year, month, dayOfMonth } = dateOfDay(from);
    const monthCount = (year + years) * 12 + month - 1 + months;
    const target = { year: Math.floor(monthCount / 12), month: (((monthCount % 12) + 12) % 12) + 1 };
    const last = daysOfMonth(target.year, target.month);
    const day = dayOfDate(target.year, target.month, Math.min(dayOfMonth, last)) + days;
    return this.instantOf(day, wallMs - from * DAY_MS);
  }

  /** Calls `take` for each stretch of standing offset within `[fromMs, untilMs)`, in order. */
  eachSpan(
    fromMs: InstantMs,
    untilMs: InstantMs,
    take: (fromMs: InstantMs, untilMs: InstantMs, offsetMs: number) => void,
  ): void {
    for (let i = this.spanAt(fromMs); i < this.fromMs.length; i++) {
      const start = Math.max(fromMs, this.fromMs[i] as number);
      if (start >= untilMs) return;
      take(start, Math.min(untilMs, this.fromMs[i + 1] ?? Infinity), this.offsetMs[i] as number);
    }
  }

  private spanAt(atMs: InstantMs): number {
    const { fromMs, last } = this;
    if (atMs >= (fromMs[last] as number) && atMs < (fromMs[last + 1] ?? Infinity)) return last;
    let [low, high] = [0, fromMs.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((fromMs[middle] as number) <= atMs) low = middle;
      else high = middle - 1;
    }
    this.last = low;
    return low;
  }

  /** The first instant at which the wall shows `wallMs`, or what `inGap` says where clocks jump over it. */
  private resolve(wallMs: number, inGap: (jumpAtMs: InstantMs, offsetBeforeMs: number) => InstantMs): InstantMs {
    // Offsets are less than a day, and so are jumps, but for a day left out at the date line.
    const first = this.spanAt(wallMs - 2 * DAY_MS);
    for (let i = first; i < this.fromMs.length; i++) {
      const atMs = wallMs - (this.offsetMs[i] as number);
      if (atMs < (this.fromMs[i] as number)) return inGap(this.fromMs[i] as number, this.offsetMs[i - 1] as number);
      if (atMs < (this.fromMs[i + 1] ?? Infinity)) return atMs;
    }
    throw new Error(`${this.name} has no last span`);
  }
}
