import type { LoyaltyEvent } from '#libs/contracts';
import { parseInstant } from '#libs/kernel';
import type { LogRecord } from '#libs/messaging';
import type { Sql } from '#libs/persistence';
import type { ClaimedShard } from '#libs/shard-log';
import { loadErasures } from '../apply-log/customer-rows.js';
import { DELETE_TOLD_BEFORE, FIND_SEEN, FIND_TOLD_BEFORE, SAVE_TOLD_BEFORE } from '../sql/told-before.js';
import { causePlaceOf } from './cause-position.js';
import { remembering, TICK, type Place, type ToldBefore } from './told-before.js';

interface Told {
  readonly event: LoyaltyEvent;
  readonly customer: string;
  readonly place: Place;
}

/**
 * A database older than the topic learns from it what it has told of whom. State and offsets commit together, so what was told
 * for a record that lies before the offset to be read next is known already, and changes nothing.
 */
export async function adoptTold(claimed: ClaimedShard, records: readonly LogRecord[], tx: Sql): Promise<void> {
  const all = records.flatMap((record): Told[] => {
    const event = JSON.parse(record.value.toString('utf8')) as LoyaltyEvent;
    const place = causePlaceOf(event);
    return place ? [{ event, customer: event.data.customer, place }] : [];
  });
  const unread = all.filter(({ place }) => place.from === TICK || place.offset >= nextOffsetOf(claimed, place.from));
  const forgotten = await withoutKnownLooks(unread, tx);
  if (forgotten.length === 0) return;
  const told = await loadToldBefore([...new Set(forgotten.map(({ customer }) => customer))], tx);
  for (const { event, customer, place } of forgotten)
    told.set(customer, remembering(told.get(customer) ?? null, event, place));
  await saveToldBefore(told, claimed.shard, tx);
}

function nextOffsetOf({ nextOffsets }: ClaimedShard, topic: string): number {
  return nextOffsets.get(topic) ?? 0;
}

/** A look commits with a later record than its tick; but each is noted, and each is as of a later time than the one before. */
async function withoutKnownLooks(told: readonly Told[], tx: Sql): Promise<Told[]> {
  const looked = [...new Set(told.flatMap(({ customer, place }) => (place.from === TICK ? [customer] : [])))];
  if (looked.length === 0) return [...told];
  const rows = await tx.query<{ customer: string; seenAtMs: number }>(FIND_SEEN, [looked]);
  const seen = new Map(rows.map(({ customer, seenAtMs }) => [customer, seenAtMs]));
  const unknown = looked.filter((customer) => !seen.has(customer));
  for (const [customer, atMs] of await loadErasures(unknown, tx)) seen.set(customer, atMs);
  return told.filter(
    ({ event, customer, place }) =>
      place.from !== TICK || (seen.get(customer) ?? 0) < (parseInstant(event.data.asOf) ?? 0),
  );
}

async function loadToldBefore(customers: readonly string[], tx: Sql): Promise<Map<string, ToldBefore>> {
  const rows = await tx.query<{ customer: string; told: ToldBefore }>(FIND_TOLD_BEFORE, [customers]);
  return new Map(rows.map(({ customer, told }) => [customer, told]));
}

/** @param told null: all of it has been read again */
export async function saveToldBefore(
  told: ReadonlyMap<string, ToldBefore | null>,
  shard: number,
  tx: Sql,
): Promise<void> {
  const kept = [...told].flatMap(([customer, each]) => (each ? [[customer, JSON.stringify(each)] as const] : []));
  const gone = [...told].flatMap(([customer, each]) => (each ? [] : [customer]));
  if (kept.length > 0)
    await tx.query(SAVE_TOLD_BEFORE, [kept.map(([customer]) => customer), shard, kept.map(([, text]) => text)]);
  if (gone.length > 0) await tx.query(DELETE_TOLD_BEFORE, [gone]);
}
