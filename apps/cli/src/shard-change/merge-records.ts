import type { CloudEvent } from '#libs/contracts';
import { everywhere, type SourceRecord } from './copied-topics.js';

/** Records of one old partition, one after the other. */
export interface Source {
  readonly partition: number;
  /** null: all were taken. */
  next(): Promise<SourceRecord | null>;
}

/** A record that stands on every partition, as the merge met it. */
export interface Met {
  readonly event: CloudEvent;
  /** By the partition it was read from; at least one. */
  readonly records: ReadonlyMap<number, SourceRecord>;
}

/** What orders the records of several partitions, and hears of each in the new order. */
export interface MergeRules {
  readonly topic: string;
  /** Orders what belongs to a key: the least comes first; what is equal, by partition. Never falls within a partition. */
  placeOf(record: SourceRecord): readonly [number, number];
  /** Takes what stands everywhere and passes by unseen (a tick that changes nothing); false: all partitions meet at it. */
  passBy(record: SourceRecord, event: CloudEvent): boolean;
  keyed(record: SourceRecord): Promise<void>;
  met(met: Met): Promise<void>;
}

interface Head {
  readonly source: Source;
  record: SourceRecord | null;
  event: CloudEvent | null;
}

/**
 * Merges old partitions in an order that follows from their records alone, so that a copy that was interrupted can go on
 * by counting. Each partition's own order is kept. What stands on every partition is met: it comes once all partitions
 * have come to it, so that whatever was before it anywhere is before it, and whatever was behind it is behind it. Where one
 * lacks it (a crash between two sends), the one that was appended first goes alone.
 */
export async function mergeRecords(sources: readonly Source[], rules: MergeRules): Promise<void> {
  const heads: Head[] = [];
  for (const source of sources) heads.push(await advance({ source, record: null, event: null }, rules));
  for (;;) {
    const keyed = least(
      heads.filter(({ record, event }) => record !== null && event === null),
      ({ record }) => rules.placeOf(record as SourceRecord),
    );
    if (keyed) {
      await rules.keyed(keyed.record as SourceRecord);
      await advance(keyed, rules);
      continue;
    }
    const waiting = heads.filter(({ record }) => record !== null);
    const first = least(waiting, ({ record }) => [(record as SourceRecord).timestampMs, 0]);
    if (!first) return;
    const { id, type } = first.event as CloudEvent;
    const together = waiting.filter(({ event }) => event?.id === id && event.type === type);
    const records = new Map(together.map(({ source, record }) => [source.partition, record as SourceRecord]));
    await rules.met({ event: first.event as CloudEvent, records });
    for (const head of together) await advance(head, rules);
  }
}

async function advance(head: Head, rules: MergeRules): Promise<Head> {
  for (;;) {
    head.record = await head.source.next();
    head.event = head.record === null ? null : everywhere(rules.topic, head.record);
    if (head.record === null || head.event === null || !rules.passBy(head.record, head.event)) return head;
  }
}

function least<T>(items: readonly T[], placeOf: (item: T) => readonly [number, number]): T | null {
  let found: T | null = null;
  let place: readonly [number, number] = [0, 0];
  for (const item of items) {
    const own = placeOf(item);
    if (found === null || own[0] < place[0] || (own[0] === place[0] && own[1] < place[1])) [found, place] = [item, own];
  }
  return found;
}
