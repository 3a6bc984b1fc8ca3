import { MAX_INSTANT_MS, MIN_INSTANT_MS, type InstantMs } from '#libs/kernel';
import type { CompiledCalendar, CompiledWeek, Window } from './compiled-calendar.js';
import { weekdayOf } from './day-number.js';
import type { DayNumber, Interval } from './working-calendar.js';
import type { SpanZone } from './zone-of.js';

const DAY_MS = 86_400_000;
/** Open time is computed when first asked for, so many days at once; from 1970 to 2100 there are 187 blocks. */
const BLOCK_MS = 256 * DAY_MS;
/** No wall clock is further from UTC, not even on both sides of a day left out at the date line. */
const OFFSET_MS_MAX = 2 * DAY_MS;
const NO_WINDOWS: readonly Window[] = [];

/** The open stretches of one block in order, with the open time before each: `usedMs[i]`, and in all at the end. */
interface Block {
  readonly fromMs: Float64Array;
  readonly untilMs: Float64Array;
  readonly usedMs: Float64Array;
  readonly totalMs: number;
}

/** Open time without pauses: sums by block, and within a block by binary search. */
export class OpenTime {
  private readonly blocks = new Map<number, Block>();
  private readonly holidays: ReadonlySet<DayNumber>;

  constructor(
    private readonly zone: SpanZone,
    private readonly compiled: CompiledCalendar,
  ) {
    this.holidays = new Set(compiled.holidays);
  }

  /** Open time in `[aMs, bMs)`; 0 when `bMs <= aMs`. */
  between(aMs: InstantMs, bMs: InstantMs): number {
    const [fromMs, untilMs] = [Math.max(aMs, MIN_INSTANT_MS - DAY_MS), Math.min(bMs, MAX_INSTANT_MS + DAY_MS)];
    if (untilMs <= fromMs) return 0;
    const [first, last] = [Math.floor(fromMs / BLOCK_MS), Math.floor(untilMs / BLOCK_MS)];
    let openMs = usedUpTo(this.block(last), untilMs) - usedUpTo(this.block(first), fromMs);
    for (let i = first; i < last; i++) openMs += this.block(i).totalMs;
    return openMs;
  }

  /** The earliest instant after `fromMs` when `openMs` (more than 0) have been used; null beyond the year 2100. */
  after(fromMs: InstantMs, openMs: number): InstantMs | null {
    let index = Math.floor(fromMs / BLOCK_MS);
    let targetMs = usedUpTo(this.block(index), fromMs) + openMs;
    while (targetMs > this.block(index).totalMs) {
      targetMs -= this.block(index).totalMs;
      if (++index * BLOCK_MS > MAX_INSTANT_MS) return null;
    }
    const { fromMs: starts, usedMs } = this.block(index);
    const i = firstIndex(usedMs.length, (k) => (usedMs[k] as number) >= targetMs) - 1;
    const atMs = (starts[i] as number) + targetMs - (usedMs[i] as number);
    return atMs > MAX_INSTANT_MS ? null : atMs;
  }

  /** The latest instant before `untilMs` from which `openMs` (more than 0) are left until then; null before 1970. */
  before(untilMs: InstantMs, openMs: number): InstantMs | null {
    let index = Math.floor(untilMs / BLOCK_MS);
    let targetMs = usedUpTo(this.block(index), untilMs) - openMs;
    while (targetMs < 0) {
      if (index-- * BLOCK_MS < MIN_INSTANT_MS) return null;
      targetMs += this.block(index).totalMs;
    }
    const { fromMs: starts, usedMs } = this.block(index);
    const i = firstIndex(usedMs.length, (k) => (usedMs[k] as number) > targetMs) - 1;
    const atMs = (starts[i] as number) + targetMs - (usedMs[i] as number);
    return atMs < MIN_INSTANT_MS ? null : atMs;
  }

  /** The open stretches within `[aMs, bMs)`, cut to it, in order. */
  *openings(aMs: InstantMs, bMs: InstantMs): Generator<Interval> {
    let pending: Interval | null = null;
    for (let index = Math.floor(aMs / BLOCK_MS); index * BLOCK_MS < bMs; index++) {
      const { fromMs, untilMs } = this.block(index);
      for (let i = firstIndex(untilMs.length, (k) => (untilMs[k] as number) > aMs); i < fromMs.length; i++) {
        if ((fromMs[i] as number) >= bMs) break;
        const next: Interval = {
          fromMs: Math.max(aMs, fromMs[i] as number),
          untilMs: Math.min(bMs, untilMs[i] as number),
        };
        // A stretch that goes on across the border of two blocks is one.
        if (pending !== null && pending.untilMs === next.fromMs) {
          pending = { fromMs: pending.fromMs, untilMs: next.untilMs };
          continue;
        }
        if (pending !== null) yield pending;
        pending = next;
      }
    }
    if (pending !== null) yield pending;
  }

  /** The open stretches of a local day, in order. */
  openingsOfDay(day: DayNumber): Interval[] {
    if (this.holidays.has(day)) return [];
    const stretches: Interval[] = [];
    const middleMs = day * DAY_MS;
    this.zone.eachSpan(middleMs - OFFSET_MS_MAX, middleMs + DAY_MS + OFFSET_MS_MAX, (fromMs, untilMs, offsetMs) => {
      const startMs = Math.max(fromMs, middleMs - offsetMs);
      const endMs = Math.min(untilMs, middleMs + DAY_MS - offsetMs);
      if (endMs > startMs) this.addOpen(stretches, startMs, endMs, offsetMs);
    });
    return stretches;
  }

  private block(index: number): Block {
    const known = this.blocks.get(index);
    if (known !== undefined) return known;
    const stretches: Interval[] = [];
    this.zone.eachSpan(index * BLOCK_MS, (index + 1) * BLOCK_MS, (fromMs, untilMs, offsetMs) =>
      this.addOpen(stretches, fromMs, untilMs, offsetMs),
    );
    const usedMs = new Float64Array(stretches.length + 1);
    stretches.forEach(({ fromMs, untilMs }, i) => (usedMs[i + 1] = (usedMs[i] as number) + untilMs - fromMs));
    const block: Block = {
      fromMs: Float64Array.from(stretches, ({ fromMs }) => fromMs),
      untilMs: Float64Array.from(stretches, ({ untilMs }) => untilMs),
      usedMs,
      totalMs: usedMs[stretches.length] as number,
    };
    this.blocks.set(index, block);
    return block;
  }

  /** Appends what is open in `[fromMs, untilMs)`, during which the wall clock is `offsetMs` ahead of UTC. */
  private addOpen(stretches: Interval[], fromMs: InstantMs, untilMs: InstantMs, offsetMs: number): void {
    // A week that comes into force at an instant in between divides the stretch.
    const change = this.compiled.weeks.find(
      ({ fromMs: atMs }) => atMs !== undefined && atMs > fromMs && atMs < untilMs,
    );
    const endMs = change?.fromMs ?? untilMs;
    const lastDay = Math.floor((endMs - 1 + offsetMs) / DAY_MS);
    for (let day = Math.floor((fromMs + offsetMs) / DAY_MS); day <= lastDay; day++) {
      const midnightMs = day * DAY_MS - offsetMs;
      for (const [open, close] of this.windowsOf(day, fromMs)) {
        const [startMs, stopMs] = [Math.max(fromMs, midnightMs + open), Math.min(endMs, midnightMs + close)];
        if (stopMs <= startMs) continue;
        const last = stretches.at(-1);
        if (last?.untilMs === startMs) stretches[stretches.length - 1] = { fromMs: last.fromMs, untilMs: stopMs };
        else stretches.push({ fromMs: startMs, untilMs: stopMs });
      }
    }
    if (endMs < untilMs) this.addOpen(stretches, endMs, untilMs, offsetMs);
  }

  /** The windows of a local day as the week has them that is in force at `atMs` and on that date. */
  private windowsOf(day: DayNumber, atMs: InstantMs): readonly Window[] {
    if (this.holidays.has(day)) return NO_WINDOWS;
    const { weeks } = this.compiled;
    let i = weeks.length - 1;
    while (i > 0 && !isInForce(weeks[i] as CompiledWeek, day, atMs)) i--;
    return weeks[i]?.days[weekdayOf(day)] ?? NO_WINDOWS;
  }
}

function isInForce(week: CompiledWeek, day: DayNumber, atMs: InstantMs): boolean {
  return (week.fromMs === undefined || week.fromMs <= atMs) && (week.fromDay === undefined || week.fromDay <= day);
}

/** Open time of the block before `atMs`. */
function usedUpTo({ fromMs, untilMs, usedMs, totalMs }: Block, atMs: InstantMs): number {
  const i = firstIndex(untilMs.length, (k) => (untilMs[k] as number) > atMs);
  if (i === untilMs.length) return totalMs;
  return (usedMs[i] as number) + Math.max(0, atMs - (fromMs[i] as number));
}

/** The first of `length` indexes for which a condition holds that once true stays true; `length` if none. */
function firstIndex(length: number, holds: (index: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
