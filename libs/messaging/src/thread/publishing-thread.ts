import { Worker } from 'node:worker_threads';
import { ProblemError, type Clock } from '#libs/kernel';
import type { KafkaOptions } from '../kafka-client.js';
import type { PackedRow } from '../packed-row.js';
import type { ProducedRange } from '../records.js';
import { brokerAway } from '../serial-sender.js';
import { errorOf, type Answer, type Order, type SentRow, type ThreadOptions } from './words.js';

export interface PublishingThreadOptions {
  readonly kafka: KafkaOptions;
  readonly clock: Clock;
  /** Of each part that the broker acknowledges by itself. */
  readonly deadlineMs: number;
  /** The compiled file that the thread runs. */
  readonly entry: URL;
}

/** The thread keeps the deadline itself and throws its producer away then; so much later it is taken to hang. */
const HANG_GRACE_MS = 5_000;
const END_DEADLINE_MS = 3_000;

/** What it holds lives for one send; without a limit its young generation may grow to 48 MB. */
const YOUNG_GENERATION_MB_MAX = 8;

interface Pending {
  readonly ranges: ProducedRange[];
  readonly resolve: (ranges: ProducedRange[]) => void;
  readonly reject: (error: Error) => void;
}

/** One thread with one publication at work at most, until it is over: by `end`, by an error, by hanging. */
export class PublishingThread {
  isOver = false;
  private readonly worker: Worker;
  private readonly exited: Promise<void>;
  private pending: Pending | null = null;
  private acknowledged = 0;

  constructor(private readonly options: PublishingThreadOptions) {
    const { onLog, ...kafka } = options.kafka;
    const workerData: ThreadOptions = { kafka, hasLog: onLog !== undefined, deadlineMs: options.deadlineMs };
    this.worker = new Worker(options.entry, {
      name: 'publisher',
      workerData,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB_MAX },
    });
    this.exited = new Promise((resolve) => {
      this.worker.on('exit', (code) => {
        this.die(died(`exit code ${code}`));
        resolve();
      });
    });
    this.worker.on('message', (word: Answer) => this.hear(word));
    this.worker.on('error', (error: Error) => this.die(died(error.message)));
  }

  /** Rejects when the broker did not acknowledge, or the thread is over: the records may or may not be in the log. */
  async publish(rows: readonly PackedRow[], headers: Readonly<Record<string, string>>): Promise<ProducedRange[]> {
    const abort = new AbortController();
    const answered = new Promise<ProducedRange[]>((resolve, reject) => {
      this.pending = { ranges: [], resolve, reject };
    });
    const sent = rows.map(sentRowOf);
    this.tell(
      { kind: 'publish', rows: sent, headers },
      sent.map(({ bytes }) => bytes),
    );
    void this.watch(abort.signal);
    try {
      return await answered;
    } finally {
      abort.abort();
      this.pending = null;
    }
  }

  /** In order if it still answers, else all the same. */
  async end(): Promise<void> {
    if (!this.isOver) this.tell({ kind: 'end' });
    const abort = new AbortController();
    await Promise.race([this.exited, this.options.clock.sleep(END_DEADLINE_MS, abort.signal)]);
    abort.abort();
    await this.worker.terminate();
  }

  private tell(order: Order, handedOver: readonly ArrayBuffer[] = []): void {
    this.worker.postMessage(order, handedOver);
  }

  private hear(word: Answer): void {
    if (word.kind === 'log') return this.options.kafka.onLog?.(word.level, word.message);
    if (word.kind === 'acknowledged') {
      this.acknowledged += 1;
      this.pending?.ranges.push(...word.ranges);
    } else if (word.kind === 'published') this.pending?.resolve(this.pending.ranges);
    else this.pending?.reject(errorOf(word.failure));
  }

  /** Each part that is acknowledged begins the wait anew. */
  private async watch(signal: AbortSignal): Promise<void> {
    const { clock, deadlineMs } = this.options;
    let before: number;
    do {
      before = this.acknowledged;
      await clock.sleep(deadlineMs + HANG_GRACE_MS, signal);
    } while (!signal.aborted && this.acknowledged !== before);
    if (!signal.aborted) this.die(brokerAway(deadlineMs));
  }

  private die(error: Error): void {
    this.isOver = true;
    this.pending?.reject(error);
    void this.worker.terminate();
  }
}

/** A copy that goes over: the row itself stays whole until it is acknowledged, whatever becomes of the thread. */
function sentRowOf({ topic, bytes }: PackedRow): SentRow {
  const copy = new ArrayBuffer(bytes.length);
  bytes.copy(new Uint8Array(copy));
  return { topic, bytes: copy };
}

function died(how: string): ProblemError {
  return new ProblemError({ code: 'PUBLISHER_DIED', detail: `a thread that publishes → it ended: ${how}` }, true);
}
