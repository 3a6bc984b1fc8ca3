import { packRecords, type OutgoingRecord, type PackedRow } from '#libs/messaging';

/** A record on its way out; `shard` names whose owner publishes it (default: the shard that decided it). */
export type Outgoing = OutgoingRecord & { readonly shard?: number };

/** One row per batch, publishing shard and topic, in the order in which the records were decided. */
export type OutboxRow = PackedRow & { readonly shard: number };

export function packOutbox(shard: number, outgoing: readonly Outgoing[]): OutboxRow[] {
  const places = new Map<string, { shard: number; topic: string; records: Outgoing[] }>();
  for (const record of outgoing) {
    const publisher = record.shard ?? shard;
    const place = `${publisher}/${record.topic}`;
    let row = places.get(place);
    if (!row) places.set(place, (row = { shard: publisher, topic: record.topic, records: [] }));
    row.records.push(record);
  }
  return Array.from(places.values(), ({ records, ...row }) => ({ ...row, bytes: packRecords(records) }));
}
