import type { Clock } from '#libs/kernel';
import { traced, type Cause } from '#libs/observability';
import type { KafkaOptions } from '../kafka-client.js';
import { countOf, type PackedRow } from '../packed-row.js';
import type { ProducedRange } from '../records.js';
import type { RowPublisher } from '../row-publisher.js';
import { headersNow, sendingOf } from '../sending.js';
import { SEND_DEADLINE_MS } from '../serial-sender.js';
import { Turns } from '../turns.js';
import { PublishingThread } from './publishing-thread.js';

export interface ThreadPublisherOptions {
  readonly kafka: KafkaOptions;
  readonly clock: Clock;
  readonly deadlineMs?: number;
  /** Another file for the thread: tests run from sources, where none is compiled beside this one. */
  readonly entry?: URL;
}

/**
 * Publishes on a thread of its own: encoding, checksums and sockets cost the one that decides
 * nothing but a copy of the bytes. One publication at a time; a thread that ended is replaced by the next one.
 */
export class ThreadPublisher implements RowPublisher {
  private readonly turns = new Turns();
  private thread: PublishingThread | null = null;
  private closed = false;

  constructor(private readonly options: ThreadPublisherOptions) {}

  /** Starts the thread ahead of the first row, which would wait for it otherwise. */
  open(): void {
    this.thread ??= this.start();
  }

  publish(rows: readonly PackedRow[], causes: readonly Cause[] = []): Promise<ProducedRange[]> {
    const describe = () => {
      const count = rows.reduce((sum, row) => sum + countOf(row), 0);
      return sendingOf(
        rows.map(({ topic }) => topic),
        count,
        causes,
      );
    };
    return this.turns.take(() => traced(describe, () => this.publishInTurn(rows)));
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.turns.over();
    await this.thread?.end();
  }

  private async publishInTurn(rows: readonly PackedRow[]): Promise<ProducedRange[]> {
    if (this.closed) throw new Error('the publisher is closed');
    if (!this.thread || this.thread.isOver) this.thread = this.start();
    return this.thread.publish(rows, headersNow());
  }

  private start(): PublishingThread {
    const {
      kafka,
      clock,
      deadlineMs = SEND_DEADLINE_MS,
      entry = new URL('./publish-thread.js', import.meta.url),
    } = this.options;
    return new PublishingThread({ kafka, clock, deadlineMs, entry });
  }
}
