import type { Cause } from '#libs/observability';

/** A record as read: offsets below 2^53 as numbers, the broker's timestamp in milliseconds. */
export interface LogRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Where it has its effects, if not at its own offset: it waited behind a dead letter until what stands there let it go on. */
  readonly effectiveOffset?: number;
  /** Append time on LogAppendTime topics, the producer's claim on CreateTime topics (replays). */
  readonly timestampMs: number;
  /** Term of the leader that appended it; a log that went back and grew again shows it here. Absent: not known. */
  readonly leaderEpoch?: number;
  readonly key: string | null;
  readonly value: Buffer;
  /** As kafkajs gives them, by reference; only what consumers read has them. */
  readonly headers?: RecordHeaders;
}

export type RecordHeaders = Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>>;

/** A record to write. The partition is always explicit, so that a retry cannot move it. */
export interface OutgoingRecord {
  readonly topic: string;
  readonly partition: number;
  readonly key: string;
  readonly value: string;
  /** Kept only by CreateTime topics (replays). */
  readonly timestampMs?: number;
}

/** Records of one partition in log order, as one fetch brought them. */
export interface RecordBatch {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly LogRecord[];
  /** Where the fetch began: offsets from here to the first record that are not among the records hold none. */
  readonly fetchedOffset: number;
  /** Last offset that the fetch covered; beyond the last record where control records of a transaction follow it. */
  readonly lastOffset: number;
  /** The partition's log end as of the fetch: the offset after the newest record. */
  readonly highWatermark: number;
  /** Keeps the membership alive; rejects when the group rebalances: stop at once then. */
  heartbeat(): Promise<void>;
  /** True when the partition was revoked, seeked or the consumer is stopping. */
  isStale(): boolean;
}

/**
 * What became of a batch: consumed up to an offset, to be read again from an offset, given up for a rebalance, or the
 * partition stands still until an operator decides (the others go on).
 */
export type BatchOutcome =
  | { readonly kind: 'done'; readonly nextOffset: number }
  | { readonly kind: 'seek'; readonly offset: number }
  | { readonly kind: 'abandon'; readonly error: Error }
  | { readonly kind: 'halt' };

export type BatchHandler = (batch: RecordBatch) => Promise<BatchOutcome>;

export interface PartitionOffsets {
  readonly partition: number;
  /** Oldest offset still there. */
  readonly low: number;
  /** Log end: the next offset to be written. */
  readonly high: number;
}

/** Where acknowledged records landed: all in-sync replicas have them. */
export interface ProducedRange {
  readonly topic: string;
  readonly partition: number;
  readonly baseOffset: number;
  readonly count: number;
}

/** Writing to the log: resolves after acks from all in-sync replicas, in the order of calls. */
export interface RecordProducer {
  /** @param causes the work that decided them, for traces */
  send(records: readonly OutgoingRecord[], causes?: readonly Cause[]): Promise<ProducedRange[]>;
  close(): Promise<void>;
}
