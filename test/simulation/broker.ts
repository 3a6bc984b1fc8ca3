import { partitionCountOf } from '#libs/contracts';
import type {
  LogReader,
  LogRecord,
  OutgoingRecord,
  PartitionOffsets,
  ProducedRange,
  RecordProducer,
} from '#libs/messaging';
import type { Process, Scheduler } from './scheduler.js';

/** What becomes of a send: appended, refused, or appended (whole or in part) with the acknowledgement lost. */
export type SendFate = 'done' | 'refused' | 'ack-lost' | 'partly-appended';

interface Partition {
  readonly records: LogRecord[];
  end: number;
  readonly waiting: (() => void)[];
}

export interface Fetched {
  readonly records: readonly LogRecord[];
  readonly fetchedOffset: number;
  readonly lastOffset: number;
  readonly highWatermark: number;
}

/** Topics in memory. Its clock is moved by whoever feeds the log: append times are its alone. */
export class Broker {
  clockMs = 0;
  private readonly topics = new Map<string, Partition[]>();

  constructor(
    private readonly scheduler: Scheduler,
    private readonly shardCount: number,
    private readonly fate: () => SendFate,
    private readonly gap: () => number,
  ) {}

  append({ topic, partition, key, value }: OutgoingRecord): number {
    const place = this.place(topic, partition);
    place.end += this.gap(); // offsets that hold no record of ours
    const offset = place.end++;
    place.records.push({ topic, partition, offset, timestampMs: this.clockMs, key, value: Buffer.from(value) });
    for (const wake of place.waiting.splice(0)) wake();
    return offset;
  }

  /** Everything on a topic, partition by partition. */
  all(topic: string): LogRecord[] {
    return this.partitions(topic).flatMap(({ records }) => records);
  }

  recordsOf(topic: string, partition: number): readonly LogRecord[] {
    return this.place(topic, partition).records;
  }

  endOf(topic: string, partition: number): number {
    return this.place(topic, partition).end;
  }

  fetch(topic: string, partition: number, from: number, max: number): Fetched {
    const { records, end } = this.place(topic, partition);
    const found = records.filter(({ offset }) => offset >= from).slice(0, max);
    const next = records.find(({ offset }) => offset > (found.at(-1)?.offset ?? from));
    const lastOffset = next ? next.offset - 1 : end - 1;
    return { records: found, fetchedOffset: from, lastOffset: Math.max(lastOffset, from - 1), highWatermark: end };
  }

  /** Resolves for a process when there is something at or after an offset. */
  whenThereIs(process: Process, topic: string, partition: number, from: number): Promise<void> {
    const place = this.place(topic, partition);
    return new Promise((resolve) => {
      const wake = (): void => this.scheduler.after(this.scheduler.random.int(0, 40), process, resolve);
      if (place.end > from) wake();
      else place.waiting.push(wake);
    });
  }

  producerFor(process: Process): RecordProducer {
    let tail: Promise<unknown> = Promise.resolve();
    const sendNow = (records: readonly OutgoingRecord[]): Promise<ProducedRange[]> =>
      this.scheduler.ask<ProducedRange[]>(process, (answer, refuse) => {
        const fate = this.fate();
        if (fate === 'refused') return refuse(brokerAway());
        const some = fate === 'partly-appended' ? this.scheduler.random.int(0, records.length) : records.length;
        const ranges = this.appendAll(records.slice(0, some));
        return fate === 'done' ? answer(ranges) : refuse(brokerAway());
      });
    return {
      send: (records) => {
        const result = tail.then(() => sendNow(records));
        tail = result.catch(() => undefined);
        return result;
      },
      close: async () => undefined,
    };
  }

  readerFor(process: Process): Pick<LogReader, 'offsetsOf' | 'readRange'> {
    return {
      offsetsOf: (topic) =>
        this.scheduler.ask<PartitionOffsets[]>(process, (answer) =>
          answer(this.partitions(topic).map(({ end }, partition) => ({ partition, low: 0, high: end }))),
        ),
      readRange: async ({ topic, partition, from, to }, onRecords) => {
        const records = await this.scheduler.ask<LogRecord[]>(process, (answer) =>
          answer(this.place(topic, partition).records.filter(({ offset }) => offset >= from && offset < to)),
        );
        for (let i = 0; i < records.length; i += 50) await onRecords(records.slice(i, i + 50));
      },
    };
  }

  private appendAll(records: readonly OutgoingRecord[]): ProducedRange[] {
    const ranges = new Map<string, { topic: string; partition: number; baseOffset: number; count: number }>();
    for (const record of records) {
      const offset = this.append(record);
      const place = `${record.topic}/${record.partition}`;
      const range = ranges.get(place);
      if (range) range.count = offset + 1 - range.baseOffset;
      else ranges.set(place, { topic: record.topic, partition: record.partition, baseOffset: offset, count: 1 });
    }
    return [...ranges.values()];
  }

  private place(topic: string, partition: number): Partition {
    return this.partitions(topic)[partition] as Partition;
  }

  private partitions(topic: string): Partition[] {
    let partitions = this.topics.get(topic);
    if (!partitions) {
      partitions = Array.from({ length: partitionCountOf(topic, this.shardCount) }, () => ({
        records: [],
        end: 0,
        waiting: [],
      }));
      this.topics.set(topic, partitions);
    }
    return partitions;
  }
}

function brokerAway(): Error {
  return Object.assign(new Error('the broker did not answer'), { name: 'KafkaJSConnectionError' });
}
