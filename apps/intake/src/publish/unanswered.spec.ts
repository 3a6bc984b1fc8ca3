import { Readable } from 'node:stream';
import type { Request } from 'express';
import type { Kafka } from '#libs/messaging';
import { SerialProducer } from '#libs/messaging';
import { HttpProblem } from '#libs/service';
import { Admission } from '../receive-events/read-body.js';
import { CoalescingWriter } from './coalescing-writer.js';

const KIB = 1024;
const [BYTES_MAX, REQUESTS_MAX, BODY_BYTES, DEADLINE_MS, DISCARD_MS] = [4_096 * KIB, 2_000, 16 * KIB, 5_000, 2_000];

/** Time that goes on when the test says so. */
class TestClock {
  private now = 0;
  private sleepers: { untilMs: number; wake: () => void }[] = [];
  nowMs = (): number => this.now;
  sleep = (ms: number): Promise<void> =>
    new Promise((wake) => void this.sleepers.push({ untilMs: this.now + ms, wake }));
  async advance(ms: number): Promise<void> {
    this.now += ms;
    const due = this.sleepers.filter(({ untilMs }) => untilMs <= this.now);
    this.sleepers = this.sleepers.filter((each) => !due.includes(each));
    for (const { wake } of due) wake();
    await settled();
  }
}

/** A broker that takes connections and records; whether it says that it has them is `isAnswering`. */
class TestBroker {
  isAnswering = false;
  /** Bytes of sends that are under way, on producers that have not been given up. */
  inFlightBytes = 0;
  readonly kafka = {
    producer: () => {
      let own = 0;
      return {
        connect: async () => undefined,
        disconnect: async () => {
          this.inFlightBytes -= own;
          own = 0;
        },
        sendBatch: ({ topicMessages }: { topicMessages: { messages: { value: string }[] }[] }) => {
          const bytes = topicMessages.flatMap(({ messages }) => messages).reduce((sum, m) => sum + m.value.length, 0);
          if (this.isAnswering) return Promise.resolve([]);
          own += bytes;
          this.inFlightBytes += bytes;
          return new Promise(() => undefined);
        },
      };
    },
  } as unknown as Kafka;
}

const settled = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
};
const bodyOf = (bytes: number): Request =>
  Object.assign(Readable.from([Buffer.alloc(bytes)]), { headers: { 'content-length': String(bytes) } }) as never;

it('a broker that acknowledges nothing: refused within a deadline, never accepted, and memory stays where it was', async () => {
  const clock = new TestClock();
  const broker = new TestBroker();
  const writer = new CoalescingWriter(new SerialProducer(broker.kafka, clock, DEADLINE_MS));
  const admission = new Admission(REQUESTS_MAX, BYTES_MAX);
  const inside = new Map<number, number>();
  const seen = { accepted: 0, full: 0, away: 0, longestMs: 0, heldBytesMax: 0, inFlightBytesMax: 0 };
  let number = 0;
  const request = async (): Promise<void> => {
    const id = number++;
    const since = clock.nowMs();
    try {
      await admission.withBody(bodyOf(BODY_BYTES), `sender-${id % 40}`, async (body) => {
        inside.set(id, body.length);
        await writer.write([{ topic: 't', partition: 0, key: 'k', value: body.toString('latin1') }]);
      });
      seen.accepted += 1;
    } catch (error) {
      if (error instanceof HttpProblem && error.status === 429) seen.full += 1;
      else {
        expect(error).toMatchObject({ problem: { code: 'BROKER_AWAY' }, retryable: true }); // told 503
        seen.away += 1;
        seen.longestMs = Math.max(seen.longestMs, clock.nowMs() - since);
      }
    } finally {
      inside.delete(id);
    }
  };
  const open: Promise<void>[] = [];
  const flood = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second++) {
      for (let i = 0; i < 100; i++) open.push(request()); // 1.6 MB a second for a room of 4 MiB, which is four sends
      await settled();
      const held = [...inside.values()].reduce((sum, bytes) => sum + bytes, 0);
      seen.heldBytesMax = Math.max(seen.heldBytesMax, held);
      seen.inFlightBytesMax = Math.max(seen.inFlightBytesMax, broker.inFlightBytes);
      await clock.advance(1_000);
    }
  };
  await flood(60);
  expect(seen.accepted).toBe(0);
  expect(seen.away).toBeGreaterThan(100);
  expect(seen.full).toBeGreaterThan(1_000);
  expect(seen.heldBytesMax).toBeLessThanOrEqual(BYTES_MAX);
  expect(seen.heldBytesMax).toBeGreaterThan(BYTES_MAX / 4); // it was full, so this was a test
  expect(seen.inFlightBytesMax).toBeLessThanOrEqual(BYTES_MAX);
  // One that comes while another send waits is answered with it: nobody waits through two deadlines.
  expect(seen.longestMs).toBeLessThanOrEqual(DEADLINE_MS + DISCARD_MS + 1_000);

  broker.isAnswering = true;
  for (let i = 0; i < 10; i++) await clock.advance(1_000);
  await Promise.all(open);
  expect(inside.size).toBe(0);
  const before = seen.accepted;
  await request();
  expect(seen.accepted).toBe(before + 1); // it goes on by itself
});
