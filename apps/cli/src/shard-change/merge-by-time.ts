import type { SourceRecord } from './copied-topics.js';
import { copyOf, type Emit } from './merge-events.js';
import type { MergeRules, Met } from './merge-records.js';
import type { PartitionGroup } from './partitions.js';

/**
 * Records of every topic but events: in order of their append times. Ticks of `makegood.promises.v1` and commands come when
 * all partitions have come to them, with the latest of their times.
 */
export class MergeByTime implements MergeRules {
  /** A record's time may be its sender's, and go back within a partition: it counts as that of the one before then. */
  private readonly reached = new Map<number, number>();

  constructor(
    readonly topic: string,
    private readonly group: PartitionGroup,
    private readonly targetOf: (record: SourceRecord) => number,
    private readonly emit: Emit,
  ) {}

  placeOf({ partition, timestampMs }: SourceRecord): readonly [number, number] {
    return [Math.max(this.reached.get(partition) ?? 0, timestampMs), 0];
  }

  passBy(): boolean {
    return false;
  }

  async keyed(record: SourceRecord): Promise<void> {
    this.reached.set(record.partition, this.placeOf(record)[0]);
    await this.emit(this.targetOf(record), copyOf(record, record.headers));
  }

  async met({ records }: Met): Promise<void> {
    const all = [...records.values()];
    const last = all.reduce((a, b) => (b.timestampMs > a.timestampMs ? b : a));
    for (const target of this.group.targets) await this.emit(target, copyOf(last, last.headers, all));
  }
}
