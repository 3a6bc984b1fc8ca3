import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Clock } from '#libs/kernel';

const LOOK_EVERY_MS = 5_000;
/** A collection of a heap of 100 MB takes about 100 ms: whoever has work to do must not wait for it. */
const BUSY_SHARE_MAX = 0.2;
/** Less than this is not worth a collection. */
const GROWTH_BYTES_MIN = 64 * 1024 * 1024;

/** What a process was seen to be. */
export interface AtRest {
  /** Share of the time since the last look in which the event loop was busy, 0 to 1. */
  readonly busyShare: number;
  readonly residentBytes: number;
  /** Resident after memory was given back last, or when the process had started. */
  readonly residentThenBytes: number;
}

/**
 * V8 keeps what its heap grew to in a flood: the old generation is collected when it grows further, which at rest it never
 * does, and its pages stay resident.
 */
export function isWorthReturning({ busyShare, residentBytes, residentThenBytes }: AtRest): boolean {
  return busyShare <= BUSY_SHARE_MAX && residentBytes - residentThenBytes >= GROWTH_BYTES_MIN;
}

/** Gives memory back to the machine when a flood is over. @returns what ends it */
export function returnMemoryAtRest(clock: Clock, note: (beforeBytes: number, afterBytes: number) => void): () => void {
  const abort = new AbortController();
  const collect = collector();
  void (async () => {
    let loop = performance.eventLoopUtilization();
    let residentThenBytes = process.memoryUsage.rss();
    while (!abort.signal.aborted) {
      await clock.sleep(LOOK_EVERY_MS, abort.signal);
      const now = performance.eventLoopUtilization();
      const { utilization: busyShare } = performance.eventLoopUtilization(now, loop);
      loop = now;
      const residentBytes = process.memoryUsage.rss();
      if (!isWorthReturning({ busyShare, residentBytes, residentThenBytes })) continue;
      collect();
      residentThenBytes = process.memoryUsage.rss();
      note(residentBytes, residentThenBytes);
    }
  })();
  return () => abort.abort();
}

/** V8's own collector; a service is started without flags. `last-resort` is the one that gives pages back. */
function collector(): () => void {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as NodeJS.GCFunction;
  return () => void gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
