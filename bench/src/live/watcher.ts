import { randomUUID } from 'node:crypto';
import { createKafka } from '#libs/messaging';
import { headOf } from '../pipeline/announced.js';

interface Batch {
  readonly partition: number;
  readonly messages: readonly { readonly offset: string; readonly value: Buffer | null }[];
}

/** Told of each announcement that is seen, repetitions too; `atMs` of `performance.now()`. */
export type OnSeen = (kind: string, subject: string, atMs: number) => void;

/** Reads a contender's output as it comes and remembers when each announcement was first seen, or only tells of it. */
export class Watcher {
  private readonly seenMs = new Map<string, Map<string, number>>();
  private readonly ids = new Set<string>();
  private readonly next = new Map<number, number>();
  /** Records that repeat an announcement under its own id: allowed, every consumer ignores them. */
  repeated = 0;
  /** Second announcements of one kind about one subject under another id: a consumer would act twice. */
  doubled = 0;
  /** When the newest announcement was first seen, in milliseconds of `performance.now()`. */
  lastSeenMs = 0;

  private constructor(
    private readonly close_: () => Promise<void>,
    private readonly onSeen: OnSeen | null,
  ) {}

  /** @param onSeen with it nothing is remembered, so that it can watch for hours. */
  static async open(brokers: string, topic: string, onSeen: OnSeen | null = null): Promise<Watcher> {
    const kafka = createKafka({ clientId: 'makegood-bench', brokers: brokers.split(',') });
    const consumer = kafka.consumer({ groupId: `bench.watch.${randomUUID()}`, maxWaitTimeInMs: 100 });
    const watcher = new Watcher(() => consumer.disconnect(), onSeen);
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    const joined = new Promise<void>((resolve) => consumer.on(consumer.events.GROUP_JOIN, () => resolve()));
    const eachBatch = async ({ batch }: { batch: Batch }): Promise<void> => watcher.take(batch);
    await consumer.run({ autoCommit: false, eachBatch });
    await joined;
    return watcher;
  }

  /** How many subjects an announcement of the kind was seen of. */
  count(kind: string): number {
    return this.seenMs.get(kind)?.size ?? 0;
  }

  /** Milliseconds of `performance.now()`; undefined: not seen. */
  firstSeenMs(kind: string, subject: string): number | undefined {
    return this.seenMs.get(kind)?.get(subject);
  }

  close(): Promise<void> {
    return this.close_();
  }

  private take({ partition, messages }: Batch): void {
    const nowMs = performance.now();
    for (const { offset, value } of messages) {
      if (Number(offset) < (this.next.get(partition) ?? 0)) continue; // read again after a rebalance
      this.next.set(partition, Number(offset) + 1);
      const { kind, id, subject } = value ? headOf(value) : {};
      if (!kind || !id || !subject) continue;
      if (this.onSeen) this.onSeen(kind, subject, nowMs);
      else if (this.ids.has(id)) this.repeated += 1;
      else {
        this.ids.add(id);
        this.note(kind, subject, nowMs);
      }
    }
  }

  private note(kind: string, subject: string, nowMs: number): void {
    let subjects = this.seenMs.get(kind);
    if (!subjects) this.seenMs.set(kind, (subjects = new Map()));
    if (subjects.has(subject)) this.doubled += 1;
    else subjects.set(subject, nowMs);
    this.lastSeenMs = nowMs;
  }
}
