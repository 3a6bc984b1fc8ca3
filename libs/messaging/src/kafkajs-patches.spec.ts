import { createRequire } from 'node:module';
import { jest } from '@jest/globals';
import { patchKafkajs } from './kafkajs-patches.js';

interface Queue {
  pending: unknown[];
  throttledUntil: number;
  throttleCheckTimeoutId: unknown;
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
}

describe('kafkajs#1751: the request queue that wakes 680 times a second', () => {
  it('arms no timer on an idle connection, and a positive one when requests wait', () => {
    const delays: number[] = [];
    patchKafkajs((_work, delayMs) => {
      delays.push(delayMs);
      return {} as NodeJS.Timeout;
    });
    const require = createRequire(import.meta.url);
    const RequestQueue = require('kafkajs/src/network/requestQueue/index.js') as { prototype: Queue };
    const queue = Object.assign(Object.create(RequestQueue.prototype) as Queue, {
      pending: [] as unknown[],
      throttledUntil: -1,
      throttleCheckTimeoutId: null,
      checkPendingRequests: jest.fn(),
    });
    queue.scheduleCheckPendingRequests();
    expect(delays).toEqual([]);
    queue.pending.push({});
    queue.scheduleCheckPendingRequests();
    queue.scheduleCheckPendingRequests(); // armed already
    expect(delays).toHaveLength(1);
    expect(delays[0]).toBeGreaterThan(0);
  });
});
