import type { Clock } from '#libs/kernel';
import type { ProducedRange, RowPublisher } from '#libs/messaging';
import type { Cause } from '#libs/observability';
import type { Database } from '#libs/persistence';
import { publishSeconds } from './meters.js';
import type { OutboxRow } from './outbox-rows.js';
import { ADVANCE_OUTPUT, DELETE_OUTBOX, LOAD_OUTBOX } from './sql.js';

export interface StoredOutboxRow {
  readonly id: number;
  readonly shard: number;
  readonly topic: string;
  readonly records: string;
}

/** A shard as its owner has claimed it. */
export interface ShardClaim {
  readonly shard: number;
  readonly epoch: number;
}

/** A row in hand: its bytes as they were given to the database, or as it gave them back. */
export type WaitingRow = OutboxRow & {
  readonly id: number;
  /** The work that decided them, for traces; not known of a row that was found by polling. */
  readonly cause?: Cause | undefined;
};

export interface OutboxRelayOptions {
  readonly database: Database;
  readonly publisher: RowPublisher;
  readonly clock: Clock;
  /** The topic whose offsets tell how much of its own output the service knows; null when it has no such memory. */
  readonly outputTopic: string | null;
  readonly onError: (error: unknown) => void;
}

const ROWS_PER_SEND_MAX = 32;
const RETRY_DELAY_MS = 500;
/** Deciding waits when so much is committed and not yet published. */
const BACKLOG_BYTES_MAX = 32 * 1024 * 1024;

/**
 * Publishes committed outbox rows in order, waits for the acks, deletes. A crash in between publishes a row again: the
 * same bytes under the same ids, which every consumer ignores.
 */
export class OutboxRelay {
  private readonly queue: WaitingRow[] = [];
  /**
   * Rows that are queued, in flight or about to be committed by this process, and since when: polling must not take
   * them again.
   */
  private readonly known = new Map<number, number>();
  /** For each look under way, the rows deleted since it began: its answer may still show them. */
  private readonly looks = new Set<Set<number>>();
  private backlogBytes = 0;
  private pumping: Promise<void> | null = null;
  private waiters: (() => void)[] = [];
  private closed = false;

  constructor(private readonly options: OutboxRelayOptions) {}

  /** Announces rows of a transaction that is about to commit. */
  expect(ids: readonly number[]): void {
    for (const id of ids) this.known.set(id, this.options.clock.nowMs());
  }

  /** Takes back what was announced: the transaction failed (or its fate is unknown, then polling finds the rows). */
  forget(ids: readonly number[]): void {
    for (const id of ids) this.known.delete(id);
  }

  enqueue(rows: readonly WaitingRow[]): void {
    for (const row of rows) {
      if (!this.known.has(row.id)) this.known.set(row.id, this.options.clock.nowMs());
      this.queue.push(row);
      this.backlogBytes += row.bytes.length;
    }
    this.start();
  }

  private start(): void {
    if (this.pumping !== null || this.queue.length === 0 || this.closed) return;
    this.pumping = this.pump().finally(() => {
      this.pumping = null;
      this.start(); // something may have come between the last look and now
    });
  }

  /** Finds rows that other writers left for these shards, or that a crash left behind; answers how many. */
  async poll(claims: readonly ShardClaim[]): Promise<number> {
    if (claims.length === 0) return 0;
    const settled = new Set<number>();
    this.looks.add(settled);
    try {
      // Without the rows we have in hand: under load they are megabytes, and this asks twice a second.
      const rows = await this.options.database.query<StoredOutboxRow>(LOAD_OUTBOX, [
        claims.map(({ shard }) => shard),
        claims.map(({ epoch }) => epoch),
        [...this.known.keys()],
      ]);
      const fresh = rows.filter(({ id }) => !this.known.has(id) && !settled.has(id));
      this.enqueue(fresh.map(waitingRowOf));
      return fresh.length;
    } finally {
      this.looks.delete(settled);
    }
  }

  /** Resolves when everything queued so far is published and deleted. */
  async flush(): Promise<void> {
    while (this.pumping) await this.pumping;
  }

  /** Resolves when there is room for more. */
  async hasRoom(): Promise<void> {
    while (this.backlogBytes > BACKLOG_BYTES_MAX && !this.closed) {
      await new Promise<void>((resolve) => this.waiters.push(resolve));
    }
  }

  /** How long the oldest row in hand has been waiting. */
  waitingMs(): number {
    const sinceMs = this.known.get(this.queue[0]?.id ?? -1);
    return sinceMs === undefined ? 0 : Math.max(0, this.options.clock.nowMs() - sinceMs);
  }

  close(): void {
    this.closed = true;
    this.wake();
  }

  private async pump(): Promise<void> {
    const { clock } = this.options;
    while (this.queue.length > 0 && !this.closed) {
      const rows = this.queue.slice(0, ROWS_PER_SEND_MAX);
      try {
        const startMs = clock.nowMs();
        const causes = rows.flatMap(({ cause }) => cause ?? []);
        const ranges = await this.options.publisher.publish(rows, causes);
        publishSeconds.observe((clock.nowMs() - startMs) / 1_000);
        await this.settle(rows, ranges);
      } catch (error) {
        this.options.onError(error);
        await clock.sleep(RETRY_DELAY_MS);
        continue;
      }
      this.queue.splice(0, rows.length);
      for (const row of rows) {
        this.known.delete(row.id);
        for (const settled of this.looks) settled.add(row.id);
        this.backlogBytes -= row.bytes.length;
      }
      this.wake();
    }
  }

  private async settle(rows: readonly WaitingRow[], ranges: readonly ProducedRange[]): Promise<void> {
    const own = ranges.filter(({ topic }) => topic === this.options.outputTopic);
    if (own.length > 0) {
      await this.options.database.query(ADVANCE_OUTPUT, [
        own.map(({ partition }) => partition),
        own.map(({ baseOffset, count }) => baseOffset + count),
      ]);
    }
    await this.options.database.query(DELETE_OUTBOX, [rows.map(({ id }) => id)]);
  }

  private wake(): void {
    const waiters = this.waiters;
    this.waiters = [];
    for (const resume of waiters) resume();
  }
}

function waitingRowOf({ records, ...row }: StoredOutboxRow): WaitingRow {
  return { ...row, bytes: Buffer.from(records, 'utf8') };
}
