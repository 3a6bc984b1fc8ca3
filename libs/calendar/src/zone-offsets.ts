import { Temporal } from 'temporal-polyfill';
import { MAX_INSTANT_MS, MIN_INSTANT_MS, type InstantMs } from '#libs/kernel';

/** A stretch of time in which a zone's offset stands still: `[fromMs, untilMs)`. */
interface OffsetSpan {
  readonly fromMs: InstantMs;
  readonly untilMs: InstantMs;
  readonly offsetMs: number;
}

interface ZoneSpans {
  last: OffsetSpan;
  readonly known: OffsetSpan[];
}

/** The tz database knows about 600 names; more are typing mistakes that never get here. */
const ZONES_MAX = 1_000;
/** Two changes a year from 1970 to 2100, with room for years of many changes (Morocco has four). */
const SPANS_PER_ZONE_MAX = 1_000;

const spansOfZone = new Map<string, ZoneSpans>();

/** True for a name of the tz database such as `America/Sao_Paulo` or `UTC`; bare offsets are no zones. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Every canonical name of the tz database, for suggestions. */
export function knownTimeZones(): readonly string[] {
  return ['UTC', ...Intl.supportedValuesOf('timeZone')];
}

/**
 * Milliseconds to add to UTC to read the zone's wall clock at an instant. Temporal is asked once per stretch between
 * two changes of the offset; everything else is a comparison of integers.
 * @throws RangeError for an unknown zone: whoever reads one from outside checks `isTimeZone` first.
 */
export function offsetMsAt(zone: string, atMs: InstantMs): number {
  const spans = spansOfZone.get(zone);
  if (spans === undefined) return learnZone(zone, atMs).offsetMs;
  if (holds(spans.last, atMs)) return spans.last.offsetMs;
  const span = spans.known.find((candidate) => holds(candidate, atMs)) ?? learnSpan(zone, spans, atMs);
  spans.last = span;
  return span.offsetMs;
}

function holds(span: OffsetSpan, atMs: InstantMs): boolean {
  return atMs >= span.fromMs && atMs < span.untilMs;
}

function learnZone(zone: string, atMs: InstantMs): OffsetSpan {
  const span = readSpan(zone, atMs);
  if (spansOfZone.size >= ZONES_MAX) spansOfZone.clear();
  spansOfZone.set(zone, { last: span, known: [span] });
  return span;
}

function learnSpan(zone: string, spans: ZoneSpans, atMs: InstantMs): OffsetSpan {
  const span = readSpan(zone, atMs);
  if (spans.known.length >= SPANS_PER_ZONE_MAX) spans.known.length = 0;
  spans.known.push(span);
  return span;
}

function readSpan(zone: string, atMs: InstantMs): OffsetSpan {
  const here = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(zone);
  // "previous" looks strictly before: one nanosecond on, a change at this very instant is found too.
  const before = here.add({ nanoseconds: 1 }).getTimeZoneTransition('previous');
  const after = here.getTimeZoneTransition('next');
  return {
    fromMs: before === null ? MIN_INSTANT_MS - WIDE_MS : before.epochMilliseconds,
    untilMs: after === null ? MAX_INSTANT_MS + WIDE_MS : after.epochMilliseconds,
    offsetMs: here.offsetNanoseconds / 1_000_000,
  };
}

/** Ends of the known world lie a few years outside the instants that makegood accepts. */
const WIDE_MS = 4 * 366 * 86_400_000;
