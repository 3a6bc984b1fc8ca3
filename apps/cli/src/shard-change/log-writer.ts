import { ProblemError } from '#libs/kernel';
import type { Kafka } from '#libs/messaging';
import type { CopiedRecord } from './copied-topics.js';

type Producer = ReturnType<Kafka['producer']>;
type Message = Parameters<Producer['send']>[0]['messages'][number];

/** kafkajs groups messages in time quadratic beyond about 2,000 a partition and send. */
const RECORDS_PER_PARTITION_AND_SEND_MAX = 1_000;
const BYTES_PER_SEND_MAX = 4 * 1024 * 1024;

/** What stands at the end of a new partition when a copy goes on. */
export interface Written {
  readonly count: number;
  readonly last: Pick<CopiedRecord, 'key' | 'value' | 'timestampMs'> | null;
}

/**
 * Appends what is planned for the partitions of one topic, each record at the offset that is its number in the plan. What
 * stands there from an attempt before is passed over, so the same plan can be written again after any interruption.
 */
export class LogWriter {
  private readonly planned = new Map<number, number>();
  private waiting: Message[] = [];
  private waitingBytes = 0;
  private readonly waitingOf = new Map<number, number>();
  /** Appended by this writer. */
  appended = 0;

  constructor(
    private readonly producer: Producer,
    private readonly topic: string,
    private readonly written: ReadonlyMap<number, Written>,
    private readonly onProgress: (records: number) => void = () => undefined,
  ) {}

  /** @returns its offset in the new partition */
  async put({ partition, key, value, timestampMs, headers }: CopiedRecord): Promise<number> {
    const offset = this.planned.get(partition) ?? 0;
    this.planned.set(partition, offset + 1);
    const before = this.written.get(partition);
    if (before !== undefined && offset < before.count) {
      if (offset === before.count - 1) this.assertSame(partition, offset, before.last, { key, value, timestampMs });
      return offset;
    }
    this.waiting.push({
      partition,
      key,
      value,
      headers: headers as Message['headers'],
      timestamp: String(timestampMs),
    } as Message);
    this.waitingBytes += value?.length ?? 0;
    const count = (this.waitingOf.get(partition) ?? 0) + 1;
    this.waitingOf.set(partition, count);
    if (count >= RECORDS_PER_PARTITION_AND_SEND_MAX || this.waitingBytes > BYTES_PER_SEND_MAX) await this.flush();
    return offset;
  }

  async flush(): Promise<void> {
    const messages = this.waiting;
    if (messages.length === 0) return;
    this.waiting = [];
    this.waitingBytes = 0;
    this.waitingOf.clear();
    await this.producer.sendBatch({ acks: -1, topicMessages: [{ topic: this.topic, messages }] });
    this.appended += messages.length;
    this.onProgress(messages.length);
  }

  /** How many records each partition has when all is written. */
  get counts(): ReadonlyMap<number, number> {
    return this.planned;
  }

  private assertSame(
    partition: number,
    offset: number,
    found: Written['last'],
    wanted: NonNullable<Written['last']>,
  ): void {
    const same =
      found !== null &&
      found.timestampMs === wanted.timestampMs &&
      equal(found.key, wanted.key) &&
      equal(found.value, wanted.value);
    if (!same) throw copyDiffers(`${this.topic}/${partition}`, `record ${offset} as planned → another one`);
  }
}

export function copyDiffers(place: string, found: string): ProblemError {
  return new ProblemError({
    code: 'COPY_DIFFERS',
    detail: `${place}: ${found}`,
    advice: 'somebody else wrote there, or the old log has changed: begin again on an empty cluster',
  });
}

function equal(a: Buffer | null, b: Buffer | null): boolean {
  return a === null || b === null ? a === b : a.equals(b);
}
