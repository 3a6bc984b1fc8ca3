import { encodeCloudEvent, partitionOf, SOURCES, TICK_TYPE, type CloudEvent } from '#libs/contracts';
import { formatInstant } from '#libs/kernel';

/** What a contender says outside: everything it decides, or breaches only (`announce` of a guarantee). */
export type Announce = 'all' | 'consequences';

/** Numbers that follow from the workload alone; whoever comes to others was wrong, however fast. */
export interface Expected {
  readonly facts: number;
  readonly announcements: Readonly<Record<string, number>>;
}

export interface LogLine {
  readonly partition: number;
  readonly key: string;
  readonly value: string;
  readonly timestampMs: number;
}

export const HOUR_MS = 3_600_000;
export const START_MS = Date.UTC(2026, 2, 2);
/** Promises are opened evenly over so long. */
const OPENING_SPAN_MS = 96 * HOUR_MS;
const DUE_AFTER_MS = 24 * HOUR_MS;
export const ALLOWANCE_MS = 6 * HOUR_MS;
const KEPT_AFTER_MIN_MS = 4 * HOUR_MS;
const KEPT_AFTER_SPAN_MS = 16 * HOUR_MS;
const PROMISES_PER_CUSTOMER = 2;
export const TICK_EVERY_MS = HOUR_MS;
/** Beyond every due and its allowance, within every correction window: all verdicts fall, no book closes. */
export const LAST_TICK_MS = START_MS + OPENING_SPAN_MS + DUE_AFTER_MS + ALLOWANCE_MS + 2 * HOUR_MS;

/** Every tenth promise is broken: nothing more is heard of it. */
export const isBroken = (i: number): boolean => i % 10 === 3;

export function expectedOf(promises: number, announce: Announce): Expected {
  const broken = Math.floor(promises / 10) + (promises % 10 > 3 ? 1 : 0);
  const kept = promises - broken;
  return {
    facts: promises + kept,
    announcements:
      announce === 'all' ? { opened: promises, kept, overdue: broken, breached: broken } : { breached: broken },
  };
}

/**
 * The whole log in time order, ticks on all partitions: the same bytes for the same number of promises.
 * @param first number of the first promise. @param laterMs so much later is everything. @param tickEveryMs how often time goes on.
 */
export function* workload(
  promises: number,
  partitionCount: number,
  first = 0,
  laterMs = 0,
  tickEveryMs = TICK_EVERY_MS,
): Generator<LogLine> {
  const order = factsInOrder(promises);
  let nextTickMs = START_MS + laterMs;
  for (const { atMs: planMs, i, kept } of order) {
    const atMs = planMs + laterMs;
    for (; nextTickMs < atMs; nextTickMs += tickEveryMs) yield* ticksAt(nextTickMs, partitionCount, tickEveryMs);
    yield lineOf(kept ? keptEvent(first + i, atMs) : openingEvent(first + i, atMs), atMs, partitionCount);
  }
  const lastMs = LAST_TICK_MS + laterMs;
  for (; nextTickMs <= lastMs; nextTickMs += tickEveryMs) yield* ticksAt(nextTickMs, partitionCount, tickEveryMs);
}

/** An event on its subject's partition. */
export function lineOf(event: CloudEvent, atMs: number, partitionCount: number): LogLine {
  const partition = partitionOf(event.subject, partitionCount);
  return { partition, key: event.subject, value: encodeCloudEvent(event), timestampMs: atMs };
}

interface FactPlace {
  readonly atMs: number;
  readonly i: number;
  readonly kept: boolean;
}

function factsInOrder(promises: number): FactPlace[] {
  const facts: FactPlace[] = [];
  for (let i = 0; i < promises; i++) {
    const openedAtMs = START_MS + Math.floor((i * OPENING_SPAN_MS) / promises);
    facts.push({ atMs: openedAtMs, i, kept: false });
    if (isBroken(i)) continue;
    const delayMs = KEPT_AFTER_MIN_MS + ((Math.imul(i, 0x9e3779b1) >>> 0) % KEPT_AFTER_SPAN_MS);
    facts.push({ atMs: openedAtMs + delayMs, i, kept: true });
  }
  return facts.sort((a, b) => a.atMs - b.atMs); // stable: openings of one instant stay in order
}

export const customerOf = (i: number): string => `C-${String(Math.floor(i / PROMISES_PER_CUSTOMER)).padStart(8, '0')}`;

/** What promise `i` is about, and what is refunded where it is broken; in minor units. */
export const postageMinorOf = (i: number): number => 2_000 + (i % 800);

export const subjectOf = (i: number): string => `EB${String(i).padStart(9, '0')}CN`;

export function openingEvent(i: number, atMs: number, dueAfterMs = DUE_AFTER_MS): CloudEvent {
  return eventOf('bench.item.accepted', i, atMs, {
    product: 'EMS',
    sender: { id: customerOf(i) },
    to: { id: `R-${String(i).padStart(8, '0')}`, region: 'CN-44' },
    paymentId: `PAY-${i}`,
    office: `office-${i % 50}`,
    postage: { amountMinor: postageMinorOf(i), currency: 'CNY' },
    promisedAt: formatInstant(atMs + dueAfterMs),
  });
}

export function keptEvent(i: number, atMs: number): CloudEvent {
  return eventOf('bench.item.delivered', i, atMs, {
    office: `office-${(i * 7) % 50}`,
    courier: `K-${String(i % 1_000).padStart(6, '0')}`,
    place: { lat: 23.1291, lon: 113.2644 },
    signedBy: 'addressee',
    parcel: { weightG: 1_240, pieces: 1, note: 'handed over at the door, identity document seen' },
  });
}

function eventOf(type: string, i: number, atMs: number, data: Record<string, unknown>): CloudEvent {
  return {
    specversion: '1.0',
    id: `${type}/${subjectOf(i)}`,
    source: 'bench/post',
    type,
    subject: subjectOf(i),
    time: formatInstant(atMs),
    data,
  };
}

/** As the replay writes them: a copy on every partition. @param everyMs how often they come. */
export function* ticksAt(atMs: number, partitionCount: number, everyMs = TICK_EVERY_MS): Generator<LogLine> {
  const time = formatInstant(atMs);
  const value = encodeCloudEvent({
    specversion: '1.0',
    id: `tick-${time}`,
    source: SOURCES.replay,
    type: TICK_TYPE,
    subject: 'tick',
    time,
    data: { everyMs, silent: [] },
  });
  for (let partition = 0; partition < partitionCount; partition++) {
    yield { partition, key: 'tick', value, timestampMs: atMs };
  }
}
