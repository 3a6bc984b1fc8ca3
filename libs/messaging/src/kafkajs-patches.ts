import { createRequire } from 'node:module';
import { encodeProduceBody, type ProduceRequest } from './produce-encoder.js';

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
  patchProduceRequest(require);
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

interface EncodableRequest {
  encode(): Promise<unknown>;
}

/**
 * Replaces the encoder of produce requests (kafkajs loads it at the first one); compressed and transactional ones stay
 * with kafkajs's own.
 */
function patchProduceRequest(require: NodeJS.Require): void {
  const path = require.resolve('kafkajs/src/protocol/requests/produce/v3/request.js');
  const original = require('kafkajs/src/protocol/requests/produce/v3/request.js') as (
    request: ProduceRequest,
  ) => EncodableRequest;
  const patchedRequest = (request: ProduceRequest): EncodableRequest => {
    const made = original(request);
    if ((request.compression ?? 0) !== 0 || (request.transactionalId ?? null) !== null) return made;
    return {
      ...made,
      encode: async () => {
        const buffer = encodeProduceBody(request, Math.floor(currentMs()));
        return { buf: buffer, buffer, size: () => buffer.length }; // as much of an Encoder as is asked for
      },
    };
  };
  (require.cache[path] as NodeJS.Module).exports = patchedRequest;
}

/** kafkajs compares with the wall clock it also wrote; nothing of ours is decided by it. */
function currentMs(): number {
  return performance.timeOrigin + performance.now();
}
