import { createRequire } from 'node:module';

interface RequestQueuePrototype {
  pending: unknown[];
  throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
}

let patched = false;

/**
 * kafkajs 2.2.4 re-arms a timer with a negative delay for ever, about 680 times a second per idle connection
 * (tulios/kafkajs#1751). Ours waits only while requests are pending or the broker throttles.
 */
export function patchKafkajs(scheduler: (work: () => void, delayMs: number) => NodeJS.Timeout): void {
  if (patched) return;
  patched = true;
  const require = createRequire(import.meta.url);
  const RequestQueue = require('kafkajs/src/network/requestQueue/index.js') as { prototype: RequestQueuePrototype };
  RequestQueue.prototype.scheduleCheckPendingRequests = function (this: RequestQueuePrototype): void {
    if (this.throttleCheckTimeoutId) return;
    const throttledForMs = this.throttledUntil - currentMs();
    if (this.pending.length === 0 && throttledForMs <= 0) return;
    this.throttleCheckTimeoutId = scheduler(
      () => {
        this.throttleCheckTimeoutId = null;
        this.checkPendingRequests();
      },
      Math.max(10, throttledForMs),
    );
  };
}

/** kafkajs compares with the wall clock it also wrote; nothing of ours is decided by it. */
function currentMs(): number {
  return performance.timeOrigin + performance.now();
}
