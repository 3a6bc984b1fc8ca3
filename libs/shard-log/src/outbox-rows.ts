import type { OutgoingRecord } from '#libs/messaging';

/** A record on its way out; `shard` names whose owner publishes it (default: the shard that decided it). */
export type Outgoing = OutgoingRecord & { readonly shard?: number };

/** One row per batch, publishing shard and topic, in the order in which the records were decided. */
export interface OutboxRow {
  readonly shard: number;
  readonly topic: string;
  readonly records: string;
}

/** A row with the records that it was made of. */
export interface PackedRow extends OutboxRow {
  readonly outgoing: readonly OutgoingRecord[];
}

/**
 * Two lines a record: `partition timestamp|- "key"`, then the value as it goes out. JSON never holds a raw newline,
 * so nothing needs escaping on the hot path.
 */
export function packOutbox(shard: number, outgoing: readonly Outgoing[]): PackedRow[] {
  const packed = new Map<string, { shard: number; topic: string; lines: string[]; outgoing: Outgoing[] }>();
  for (const record of outgoing) {
    if (record.value.includes('\n')) throw new Error(`a record for ${record.topic} holds a raw newline`);
    const publisher = record.shard ?? shard;
    const place = `${publisher}/${record.topic}`;
    let row = packed.get(place);
    if (!row) packed.set(place, (row = { shard: publisher, topic: record.topic, lines: [], outgoing: [] }));
    row.outgoing.push(record);
    row.lines.push(`${record.partition} ${record.timestampMs ?? '-'} ${JSON.stringify(record.key)}`, record.value);
  }
  return [...packed.values()].map(({ lines, ...row }) => ({ ...row, records: lines.join('\n') }));
}

export function unpackOutbox(row: OutboxRow): OutgoingRecord[] {
  const lines = row.records.split('\n');
  const records: OutgoingRecord[] = [];
  for (let i = 0; i + 1 < lines.length; i += 2) {
    const head = lines[i] as string;
    const [partition, timestamp] = head.split(' ', 2) as [string, string];
    records.push({
      topic: row.topic,
      partition: Number(partition),
      key: JSON.parse(head.slice(partition.length + timestamp.length + 2)) as string,
      value: lines[i + 1] as string,
      ...(timestamp === '-' ? {} : { timestampMs: Number(timestamp) }),
    });
  }
  return records;
}
