import {
  readProgress,
  lagRecords,
  outboxAge,
  outboxRows,
  parkedKeys,
  parkedRecords,
  type OutboxRelay,
  type ShardDatabases,
} from '#libs/shard-log';
import type { Clock } from '#libs/kernel';
import type { LogReader } from '#libs/messaging';

/** Broker and database are asked at most this often, however many scrape. */
const SAMPLE_EVERY_MS = 5_000;

/** What has to be looked up to be known: read when somebody scrapes, and no more often than makes sense. */
export class ProgressMetrics {
  private sampledAtMs = -SAMPLE_EVERY_MS;

  constructor(
    private readonly databases: ShardDatabases,
    private readonly reader: LogReader,
    private readonly relays: readonly OutboxRelay[],
    private readonly clock: Clock,
    private readonly topics: readonly string[],
  ) {}

  /** Never rejects: what cannot be asked keeps its last value, and /health/ready says why. */
  async sample(): Promise<void> {
    outboxAge.set(Math.max(...this.relays.map((relay) => relay.waitingMs())) / 1_000);
    const nowMs = this.clock.nowMs();
    if (nowMs - this.sampledAtMs < SAMPLE_EVERY_MS) return;
    this.sampledAtMs = nowMs;
    const progress = await readProgress(this.databases, this.reader, this.topics).catch(() => null);
    if (progress === null) return;
    outboxRows.set(progress.outboxRows);
    parkedKeys.set(progress.parked.keys);
    parkedRecords.set(progress.parked.records);
    for (const topic of this.topics) {
      const behind = progress.shards.map(({ topics }) => topics[topic]).map((at) => (at ? at.end - at.next : 0));
      lagRecords.set(
        { topic },
        behind.reduce((sum, records) => sum + Math.max(0, records), 0),
      );
    }
  }
}
