import type { LogReader } from '#libs/messaging';
import type { Database } from '#libs/persistence';
import type { ShardDatabases } from './databases/shard-databases.js';
import { FIND_HALT, LOAD_HALTS } from './sql.js';

/** A shard that stands still, and why. */
export interface Halt {
  readonly shard: number;
  readonly topic: string;
  readonly reason: string;
  /** The offset that would have come next, and where the log ended when that was found. */
  readonly nextOffset: number;
  readonly logEnd: number;
  readonly atMs: number;
}

/** Where a shard goes on in a topic: from `from`, what it would have read next, to `to`. */
export interface AcceptedTopic {
  readonly topic: string;
  readonly from: number;
  readonly to: number;
}

interface Position {
  readonly topic: string;
  readonly nextOffset: number;
  readonly leaderEpoch: number;
}

const LOAD_POSITIONS = `
select topic, next_offset as "nextOffset", leader_epoch as "leaderEpoch" from shard_offset where shard = $1 order by topic`;
const RAISE_EPOCH = 'update shard set epoch = epoch + 1 where shard = $1 returning epoch';
const SET_OFFSET = `
update shard_offset set next_offset = $3, epoch = $4, leader_epoch = -1 where shard = $1 and topic = $2`;
const DROP_HALT = 'delete from shard_halt where shard = $1 returning shard';
const FIRST_SPAN = 1_000;

export async function readHalts(databases: ShardDatabases): Promise<Halt[]> {
  return (await databases.ask<Halt>(LOAD_HALTS)).sort((a, b) => a.shard - b.shard);
}

/**
 * Takes the log as it is now: the shard goes on, under a new epoch, where the log departed from what was read. What it
 * has read and the log has lost stays in its state; what is told again is known by its identity, so that nothing is decided
 * or paid twice.
 * @param database the one that the shard lives in
 * @returns null when the shard does not stand still.
 */
export async function acceptShard(
  database: Database,
  reader: LogReader,
  shard: number,
): Promise<AcceptedTopic[] | null> {
  if ((await database.query(FIND_HALT, [shard])).length === 0) return null;
  const accepted: AcceptedTopic[] = [];
  for (const position of await database.query<Position>(LOAD_POSITIONS, [shard])) {
    const { topic, nextOffset: from } = position;
    accepted.push({ topic, from, to: await wayOn(reader, shard, position) });
  }
  return database.transaction(async (tx) => {
    if ((await tx.query(DROP_HALT, [shard])).length === 0) return null; // somebody else was quicker
    const [row] = await tx.query<{ epoch: number }>(RAISE_EPOCH, [shard]);
    for (const { topic, to } of accepted) await tx.query(SET_OFFSET, [shard, topic, to, row?.epoch ?? 1]);
    return accepted;
  });
}

/** The first offset that a later leader wrote than the last one read; where there is none, as far as the log goes. */
async function wayOn(
  reader: LogReader,
  partition: number,
  { topic, nextOffset, leaderEpoch }: Position,
): Promise<number> {
  const range = (await reader.offsetsOf(topic)).find((each) => each.partition === partition);
  const { low, high } = range ?? { low: 0, high: 0 };
  const known = Math.max(low, Math.min(nextOffset, high));
  if (leaderEpoch < 0) return known;
  for (let span = FIRST_SPAN; ; span *= 10) {
    const from = Math.max(low, known - span);
    let departed: number | null = null;
    await reader.readRange({ topic, partition, from, to: high }, async (records) => {
      departed ??= records.find((record) => (record.leaderEpoch ?? -1) > leaderEpoch)?.offset ?? null;
    });
    if (departed === null) return known;
    if (departed > from || from === low) return Math.min(departed, known);
  }
}
