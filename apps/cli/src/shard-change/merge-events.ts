import {
  COPIED_AT,
  copiedAtOf,
  TICK_TYPE,
  TOPICS,
  type CloudEvent,
  type CopiedAt,
  type TickData,
} from '#libs/contracts';
import { advanceShardClock, INITIAL_SHARD_CLOCK, type ShardClock } from '#libs/shard-log';
import type { CopiedRecord, SourceRecord } from './copied-topics.js';
import type { MergeRules, Met } from './merge-records.js';
import type { PartitionGroup } from './partitions.js';

/** What an old shard knew of time where its partition has been read to. */
interface Told {
  clock: ShardClock;
  /** Its last tick, and the sources that it named. */
  tick: SourceRecord | null;
  silent: string;
}

export type Emit = (partition: number, record: Omit<CopiedRecord, 'partition'>) => Promise<void>;

/**
 * Facts and ticks of several old shards in one order for the new ones, such that each subject hears the same facts at the
 * same shard time as it did before (docs/adr/0013): facts are ordered by the shard time of their own old shard, and the tick
 * that says that time stands before them. Ticks of another shard in between fall between two facts of a subject, where they
 * fire nothing that its own next tick would not have fired, in the same words. Commands, and ticks that change who is silent,
 * wait until all shards have come to them; they carry the time that it was in each.
 *
 * Ticks that nothing stands behind are left out: they are most of the log, and time is told by the next one.
 */
export class EventsMerge implements MergeRules {
  readonly topic = TOPICS.events;
  private readonly told = new Map<number, Told>();
  /** Shard time and last tick as each new shard knows them. */
  private readonly known = new Map<number, Pick<ShardClock, 'shardTimeMs' | 'lastTickMs'>>();

  constructor(
    private readonly group: PartitionGroup,
    private readonly shards: number,
    private readonly targetOf: (record: SourceRecord) => number,
    private readonly emit: Emit,
  ) {
    for (const partition of group.sources)
      this.told.set(partition, { clock: INITIAL_SHARD_CLOCK, tick: null, silent: '[]' });
  }

  placeOf({ partition }: SourceRecord): readonly [number, number] {
    const { shardTimeMs, lastTickMs } = this.toldOf(partition).clock;
    return [shardTimeMs, lastTickMs ?? 0];
  }

  passBy(record: SourceRecord, event: CloudEvent): boolean {
    if (event.type !== TICK_TYPE) return false;
    const told = this.toldOf(record.partition);
    if (silentIn(event) !== told.silent) return false;
    this.hear(told, record, event);
    return true;
  }

  async keyed(record: SourceRecord): Promise<void> {
    const target = this.targetOf(record);
    await this.tellTime(target, this.toldOf(record.partition));
    await this.emit(target, copyOf(record, record.headers));
  }

  async met({ event, records }: Met): Promise<void> {
    for (const target of this.group.targets) await this.tellTime(target, this.earliest(records));
    const isTick = event.type === TICK_TYPE;
    const silentFromMs = this.byShard(records, 'silentFromMs', ({ clock: { lastTickMs } }, record) =>
      lastTickMs === null ? record.timestampMs : lastTickMs + 1,
    );
    if (isTick) for (const [partition, record] of records) this.hear(this.toldOf(partition), record, event);
    const timesMs = this.byShard(records, 'timesMs', ({ clock: { shardTimeMs } }) => shardTimeMs);
    const ticksMs = this.byShard(records, 'ticksMs', (_told, record) => record.timestampMs);
    const told = this.earliest(records);
    const at: CopiedAt = isTick ? { ...timeOf(told.clock), timesMs, ticksMs, silentFromMs } : { timesMs };
    const record = isTick ? (told.tick as SourceRecord) : ([...records.values()][0] as SourceRecord);
    for (const target of this.group.targets) {
      await this.emit(target, copyOf(record, withTime(record, at), [...records.values()]));
      if (isTick) this.known.set(target, told.clock);
    }
  }

  /** By old shard. What was copied before says it by the shards of the first log, each copy of those that it came from. */
  private byShard(
    records: Met['records'],
    member: 'timesMs' | 'ticksMs' | 'silentFromMs',
    valueOf: (told: Told, record: SourceRecord) => number,
  ): readonly number[] {
    const copies = [...records.values()].map(({ headers }) => copiedAtOf(headers)?.[member] ?? []);
    const length = Math.max(...copies.map((values) => values.length));
    if (length > 0)
      return Array.from({ length }, (_, shard) => Math.max(...copies.map((values) => values[shard] ?? 0)));
    const first = [...records.values()][0] as SourceRecord;
    return Array.from({ length: this.shards }, (_, shard) => {
      const told = this.told.get(shard);
      return told ? valueOf(told, records.get(shard) ?? first) : 0;
    });
  }

  /** The last that any old shard knew of time, to all new ones. */
  async finish(): Promise<void> {
    const last = [...this.told.values()].sort((a, b) => compare(b.clock, a.clock))[0];
    for (const target of this.group.targets) if (last) await this.tellTime(target, last);
  }

  private async tellTime(target: number, { clock, tick }: Told): Promise<void> {
    const known = this.known.get(target);
    if (tick === null || (known && compare(known, clock) === 0)) return;
    await this.emit(target, copyOf(tick, withTime(tick, timeOf(clock))));
    this.known.set(target, clock);
  }

  /** As sla-timer hears a tick: one that is not newer changes nothing. A tick that was copied before says what it told. */
  private hear(told: Told, record: SourceRecord, event: CloudEvent): void {
    const { everyMs = 250 } = event.data as unknown as Partial<TickData>;
    const atMs = record.timestampMs;
    const copied = copiedAtOf(record.headers);
    if (copied !== null) {
      const { shardTimeMs = atMs, heldUntilMs = null } = copied;
      told.clock = { shardTimeMs, lastTickMs: atMs, heldUntilMs };
    } else if (told.clock.lastTickMs !== null && atMs <= told.clock.lastTickMs) return;
    else told.clock = advanceShardClock(told.clock, { atMs, everyMs });
    told.tick = record;
    told.silent = silentIn(event);
  }

  private earliest(records: Met['records']): Told {
    return [...records.keys()]
      .map((partition) => this.toldOf(partition))
      .sort((a, b) => compare(a.clock, b.clock))[0] as Told;
  }

  private toldOf(partition: number): Told {
    return this.told.get(partition) as Told;
  }
}

function timeOf({ shardTimeMs, heldUntilMs }: ShardClock): CopiedAt {
  return { shardTimeMs, ...(heldUntilMs === null ? {} : { heldUntilMs }) };
}

function withTime({ headers }: SourceRecord, at: CopiedAt): SourceRecord['headers'] {
  return { ...headers, [COPIED_AT]: JSON.stringify(at) };
}

function compare(a: Pick<ShardClock, 'shardTimeMs' | 'lastTickMs'>, b: typeof a): number {
  return a.shardTimeMs - b.shardTimeMs || (a.lastTickMs ?? 0) - (b.lastTickMs ?? 0);
}

function silentIn(event: CloudEvent): string {
  const { silent } = event.data as unknown as Partial<TickData>;
  return JSON.stringify(Array.isArray(silent) ? silent : []);
}

export function copyOf(
  { partition, offset, timestampMs, key, value }: SourceRecord,
  headers: SourceRecord['headers'],
  from: CopiedRecord['from'] = [{ partition, offset }],
): Omit<CopiedRecord, 'partition'> {
  return { timestampMs, key, value, headers, from };
}
