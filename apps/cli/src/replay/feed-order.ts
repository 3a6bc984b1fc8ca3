import { SOURCES, TICK_TYPE, type CloudEvent } from '#libs/contracts';
import { formatInstant } from '#libs/kernel';

export const TICK_EVERY_MS = 3_600_000;

/** An event ready to be sent: when it is fed, and its JSON. */
export interface FeedItem {
  readonly atMs: number;
  readonly text: string;
  /** A step of the replayed clock, no event of the history. */
  readonly tick?: true;
}

/** In the order in which facts were learned; what was learned in the same millisecond keeps its order in the file. */
export function inTimeOrder(items: readonly FeedItem[]): FeedItem[] {
  return [...items].sort((a, b) => a.atMs - b.atMs); // stable
}

/**
 * The lines to feed: the events with a tick at each full hour, from the hour of the first event on, and a last one
 * at `untilMs`. A tick of an hour goes in before the first event later than it, so that facts of that very instant
 * have been told; with events out of order (`--as-is`) that is when the running maximum of their times passes it.
 * Events later than `untilMs` are left out.
 */
export function* withTicks(items: Iterable<FeedItem>, untilMs: number | null): Generator<FeedItem> {
  let nextTickMs: number | null = null;
  let maximumMs = -Infinity;
  for (const item of items) {
    if (untilMs !== null && item.atMs > untilMs) continue;
    nextTickMs ??= Math.floor(item.atMs / TICK_EVERY_MS) * TICK_EVERY_MS;
    for (; nextTickMs < item.atMs; nextTickMs += TICK_EVERY_MS) yield tickAt(nextTickMs);
    maximumMs = Math.max(maximumMs, item.atMs);
    yield item;
  }
  const lastMs = untilMs ?? (maximumMs === -Infinity ? null : maximumMs);
  if (lastMs === null) return;
  for (nextTickMs ??= lastMs; nextTickMs < lastMs; nextTickMs += TICK_EVERY_MS) yield tickAt(nextTickMs);
  yield tickAt(lastMs);
}

/** A tick of the replayed clock. Its id follows from its instant: the same replay again repeats it. */
export function tickAt(atMs: number): FeedItem {
  const time = formatInstant(atMs);
  const tick: CloudEvent = {
    specversion: '1.0',
    id: `tick-${time}`,
    source: SOURCES.replay,
    type: TICK_TYPE,
    subject: 'tick',
    time,
    data: { everyMs: TICK_EVERY_MS, silent: [] },
  };
  return { atMs, text: JSON.stringify(tick), tick: true };
}

/** Cuts lines into request bodies of at most `linesMax` lines and `bytesMax` bytes, if asked also behind each tick. */
export function* inBatches(
  items: Iterable<FeedItem>,
  linesMax: number,
  bytesMax: number,
  cutsAtTicks = false,
): Generator<{ readonly items: readonly FeedItem[]; readonly body: string }> {
  let batch: FeedItem[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = Buffer.byteLength(item.text) + 1;
    const isWhole = batch.length >= linesMax || bytes + size > bytesMax || (cutsAtTicks && batch.at(-1)?.tick === true);
    if (batch.length > 0 && isWhole) {
      yield { items: batch, body: bodyOf(batch) };
      batch = [];
      bytes = 0;
    }
    batch.push(item);
    bytes += size;
  }
  if (batch.length > 0) yield { items: batch, body: bodyOf(batch) };
}

function bodyOf(batch: readonly FeedItem[]): string {
  return `${batch.map((item) => item.text).join('\n')}\n`;
}
