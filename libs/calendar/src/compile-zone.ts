import { contentHashOf, MAX_INSTANT_MS, MIN_INSTANT_MS } from '#libs/kernel';
import type { CompiledZone, Transition } from './compiled-calendar.js';

const DAY_MS = 86_400_000;
/** No zone changes its clocks twice within so few days and back again. A test asks Temporal about every zone. */
const PROBE_MS = 10 * DAY_MS;
/** Changes happen at whole seconds. */
const SECOND_MS = 1_000;
/** Bounds the memory of a process that is asked about names from outside; the tz database has about 600. */
const ZONES_MAX = 1_000;

const compiled = new Map<string, readonly Transition[]>();

/**
 * The zone's changes of clocks from 1970 to 2100, read from the host's tz data: done once, when a calendar or a set of
 * guarantees is activated. About 20 ms, then remembered.
 * @param tzVersion the host's version of the data (`process.versions.tz`), kept for the record
 * @throws RangeError for an unknown zone: whoever reads one from outside checks `isTimeZone` first
 */
export function compileZone(name: string, tzVersion: string): CompiledZone {
  const transitions = transitionsOf(name);
  return { name, hash: contentHashOf(JSON.stringify([name, transitions])), tzVersion, transitions };
}

/** What `compileZone` reads, by itself. */
export function transitionsOf(name: string): readonly Transition[] {
  const known = compiled.get(name);
  if (known !== undefined) return known;
  const offsetAt = offsetReader(name);
  const transitions: Transition[] = [[MIN_INSTANT_MS, offsetAt(MIN_INSTANT_MS)]];
  let offsetMs = offsetAt(MIN_INSTANT_MS);
  for (let probeMs = MIN_INSTANT_MS; probeMs < MAX_INSTANT_MS + PROBE_MS; probeMs += PROBE_MS) {
    const nextMs = offsetAt(probeMs + PROBE_MS);
    if (nextMs === offsetMs) continue;
    transitions.push([firstSecondAt(nextMs, offsetAt, probeMs, probeMs + PROBE_MS), nextMs]);
    offsetMs = nextMs;
  }
  if (compiled.size >= ZONES_MAX) compiled.clear();
  compiled.set(name, transitions);
  return transitions;
}

/** The first second after `fromMs` at which the offset is `offsetMs`, which it is at `untilMs`. */
function firstSecondAt(offsetMs: number, offsetAt: (atMs: number) => number, fromMs: number, untilMs: number): number {
  let [before, after] = [fromMs / SECOND_MS, untilMs / SECOND_MS];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offsetAt(middle * SECOND_MS) === offsetMs) after = middle;
    else before = middle;
  }
  return after * SECOND_MS;
}

function offsetReader(zone: string): (atMs: number) => number {
  const format = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' });
  return (atMs) => {
    const match = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(format.format(atMs));
    if (match === null) throw new Error(`the offset of ${zone} cannot be read: ${format.format(atMs)}`);
    if (match[1] === undefined) return 0;
    const offsetMs = Number(match[2]) * 3_600_000 + Number(match[3]) * 60_000 + Number(match[4] ?? 0) * SECOND_MS;
    return match[1] === '-' ? -offsetMs : offsetMs;
  };
}
