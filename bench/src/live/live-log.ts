import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_SHARD_COUNT, TOPICS } from '#libs/contracts';
import type { SerialProducer } from '#libs/messaging';
import { ticksAt, type LogLine } from '../pipeline/workload.js';

const STEP_MS = 10;
/** As intake writes them. */
const TICK_EVERY_MS = 250;

export interface LiveLog {
  /** Log time at which it begins; from then on it runs as fast as the wall clock. */
  readonly fromMs: number;
  /** The events that are due to be written by so many milliseconds after the beginning, beyond those given before. */
  readonly eventsUntil: (elapsedMs: number) => readonly LogLine[];
  /** Asked after each step. */
  readonly isOver: (elapsedMs: number) => boolean;
}

export interface Written {
  readonly records: number;
  readonly events: number;
}

/** Writes events and ticks as they would come live; answers how many it wrote. */
export async function writeLive(producer: SerialProducer, startMs: number, log: LiveLog): Promise<Written> {
  let [records, events, nextTickMs] = [0, 0, 0];
  for (let elapsedMs = 0; !log.isOver(elapsedMs); elapsedMs = performance.now() - startMs) {
    const due = log.eventsUntil(elapsedMs);
    const lines: LogLine[] = [...due];
    if (elapsedMs >= nextTickMs) {
      lines.push(...ticksAt(log.fromMs + Math.floor(elapsedMs), DEFAULT_SHARD_COUNT, TICK_EVERY_MS));
      nextTickMs += TICK_EVERY_MS * Math.max(1, Math.ceil((elapsedMs - nextTickMs) / TICK_EVERY_MS));
    }
    if (lines.length > 0) await producer.send(lines.map((line) => ({ topic: TOPICS.events, ...line })));
    records += lines.length;
    events += due.length;
    await sleep(STEP_MS);
  }
  return { records, events };
}
