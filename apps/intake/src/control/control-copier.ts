import {
  CONTROL_TYPES,
  standsOnEveryPartition,
  TOPICS,
  type CloudEvent,
  type ShardsChangedData,
} from '#libs/contracts';
import { ProblemError, type Clock } from '#libs/kernel';
import type { LogReader, LogRecord, OutgoingRecord, RecordProducer } from '#libs/messaging';
import type { Database } from '#libs/persistence';
import { toEveryPartition } from '../canonical/route-event.js';

export interface ControlCopierOptions {
  readonly database: Database;
  readonly reader: LogReader;
  readonly producer: RecordProducer;
  readonly clock: Clock;
  readonly shardCount: number;
  /** Record timestamp of copies in a replay, where they must not go back within a partition; null: the broker's. */
  readonly stampMs: () => number | null;
}

const TARGETS = [TOPICS.events, TOPICS.settlements] as const;
const READ_DEADLINE_MS = 20_000;

const LOAD_POSITION = 'select next_offset as next from control_copy';
const SAVE_POSITION = `
update control_copy set next_offset = greatest(next_offset, $1), sets_copied = sets_copied + $2`;

/**
 * Copies the commands of the control topic, as they are, to every partition of events and settlements, so that each
 * shard applies them at an offset of its own. A crash repeats (same id, same bytes), it never omits.
 */
export class ControlCopier {
  private position: number | null = null;

  constructor(private readonly options: ControlCopierOptions) {}

  /** Another instance may have gone on: the position is read anew. */
  forget(): void {
    this.position = null;
  }

  /** Copies everything that the control topic holds beyond the position; answers how many records it read. */
  async copyNew(): Promise<number> {
    const { database, reader, clock } = this.options;
    const [partition] = await reader.offsetsOf(TOPICS.control);
    const end = partition?.high ?? 0;
    this.position ??= (await database.query<{ next: number }>(LOAD_POSITION))[0]?.next ?? 0;
    const from = Math.max(this.position, partition?.low ?? 0);
    if (end <= from) return 0;
    const range = { topic: TOPICS.control, partition: 0, from, to: end };
    const abort = new AbortController();
    const deadline = clock.sleep(READ_DEADLINE_MS, abort.signal).then(() => {
      if (!abort.signal.aborted)
        throw new ProblemError(
          { code: 'CONTROL_UNREAD', detail: `the control topic could not be read in ${READ_DEADLINE_MS} ms` },
          true,
        );
    });
    try {
      await Promise.race([reader.readRange(range, (records) => this.copy(records)), deadline]);
    } finally {
      abort.abort();
    }
    return end - from;
  }

  private async copy(records: readonly LogRecord[]): Promise<void> {
    const { database, producer, shardCount, stampMs } = this.options;
    let sets = 0;
    let after = Math.max(this.position ?? 0, (records.at(-1)?.offset ?? 0) + 1);
    const copies: OutgoingRecord[] = [];
    for (const record of records) {
      if (record.offset < (this.position ?? 0)) continue;
      const value = record.value.toString('utf8');
      const { type, data } = JSON.parse(value) as CloudEvent;
      if (type === CONTROL_TYPES.shardsChanged) {
        // Whoever copied the log has copied these to every partition, with what was decided after them.
        const { commandsCopied, setsCopied } = data as unknown as ShardsChangedData;
        this.position = record.offset + 1 + commandsCopied;
        after = Math.max(after, this.position);
        sets += setsCopied;
      }
      if (!standsOnEveryPartition(type)) continue;
      if (type === CONTROL_TYPES.guaranteesActivated) sets++;
      for (const topic of TARGETS)
        copies.push(...toEveryPartition(topic, shardCount, record.key ?? type, value, stampMs() ?? undefined));
    }
    if (copies.length > 0) await producer.send(copies);
    await database.query(SAVE_POSITION, [after, sets]);
    this.position = after;
  }
}
