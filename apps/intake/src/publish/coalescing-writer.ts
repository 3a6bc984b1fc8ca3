import { ProblemError } from '#libs/kernel';
import type { OutgoingRecord, RecordProducer } from '#libs/messaging';
import { activeCause, type Cause } from '#libs/observability';

const RECORDS_PER_SEND_MAX = 6_000;
/** Three bytes a character at most, and one request's 4 MiB on top, stay below the broker's 8 MiB. */
const CHARS_PER_SEND_MAX = 1024 * 1024;

interface Entry {
  readonly records: readonly OutgoingRecord[];
  readonly cause: Cause | undefined;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * Merges what concurrent requests write into one send, since a producer has one send in flight: while one is under way
 * the next gathers. Order is kept. When a send fails, all that waited for it fails too: nobody waits through two
 * deadlines, and memory does not grow while the broker is away.
 */
export class CoalescingWriter {
  private queue: Entry[] = [];
  private isPumping = false;

  constructor(private readonly producer: RecordProducer) {}

  /**
   * Resolves once all in-sync replicas have the records.
   * @throws ProblemError BROKER_AWAY (retryable): they may or may not be in the log.
   */
  write(records: readonly OutgoingRecord[]): Promise<void> {
    if (records.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.queue.push({ records, cause: activeCause(), resolve, reject });
      if (!this.isPumping) void this.pump();
    });
  }

  close(): Promise<void> {
    return this.producer.close();
  }

  private async pump(): Promise<void> {
    this.isPumping = true;
    await Promise.resolve(); // whatever is written in this turn of the loop goes together
    while (this.queue.length > 0) {
      const entries = this.take();
      try {
        const records = entries.flatMap((entry) => entry.records);
        const causes = entries.flatMap(({ cause }) => cause ?? []);
        await this.producer.send(records, causes);
        for (const { resolve } of entries) resolve();
      } catch (cause) {
        const waiting = this.queue;
        this.queue = [];
        for (const { reject } of [...entries, ...waiting]) reject(brokerAway(cause));
      }
    }
    this.isPumping = false;
  }

  private take(): Entry[] {
    let [records, chars, count] = [0, 0, 0];
    while (count < this.queue.length && records < RECORDS_PER_SEND_MAX && chars < CHARS_PER_SEND_MAX) {
      const entry = this.queue[count] as Entry;
      records += entry.records.length;
      for (const { value } of entry.records) chars += value.length;
      count++;
    }
    return this.queue.splice(0, count);
  }
}

function brokerAway(cause: unknown): ProblemError {
  const problem = {
    code: 'BROKER_AWAY',
    detail: 'an acknowledgement of Kafka was expected, none came in time',
    advice: 'send the same events again: repetitions count once',
  };
  return new ProblemError(problem, true, { cause });
}
