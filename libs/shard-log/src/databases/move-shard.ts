import { ProblemError, type Clock } from '#libs/kernel';
import type { Database } from '#libs/persistence';
import { untilPublished } from '../until-published.js';
import { copyShard, deleteShard, tablesToMove } from './copy-shard.js';
import { beingMoved, type Directory } from './directory.js';
import { MAIN, type NamedDatabase, type ShardDatabases } from './shard-databases.js';

export interface ShardMove {
  readonly shard: number;
  readonly to: string;
}

export interface MovedShard {
  readonly shard: number;
  /** null: it lived in `to` already. */
  readonly from: string | null;
  readonly to: string;
  /** Rows that were copied. */
  readonly rows: number;
  /** So long nobody could work on the shard. */
  readonly stoodStillMs: number;
}

export interface MoveOptions {
  readonly databases: ShardDatabases;
  /** Tables without a column `shard` that its rows rest on. */
  readonly sharedTables: readonly string[];
  readonly clock: Clock;
}

/** So long the owner of before has to publish what it had committed; what it cannot goes along. */
const OUTBOX_WAIT_MS = 5_000;

/** The mark and the fence in one: both kinds of commits ask for an epoch, and no claim passes a mark. */
const LEAVE = `
insert into shard (shard, epoch, moved_to) values ($1, 1, $2)
on conflict (shard) do update set epoch = shard.epoch + 1, moved_to = excluded.moved_to
where shard.moved_to is null or shard.moved_to = excluded.moved_to
returning epoch, output_offset as "outputOffset"`;
const FENCE_OFFSETS = `update shard_offset set epoch = $2 where shard = $1`;
/** No row: it lives here already, or this copy was called off. */
const ARRIVE = `
insert into shard (shard, epoch, output_offset) values ($1, $2, $3)
on conflict (shard) do update set epoch = excluded.epoch, output_offset = excluded.output_offset, moved_to = null
where shard.moved_to is not null and shard.epoch < excluded.epoch
returning 1 as ok`;
const CALL_OFF = `
insert into shard (shard, epoch, moved_to) values ($1, $2, $3)
on conflict (shard) do update set epoch = greatest(shard.epoch, excluded.epoch), moved_to = excluded.moved_to
where shard.moved_to is not null
returning 1 as ok`;
const STAY = `update shard set moved_to = null, epoch = $2 where shard = $1 and epoch = $2 - 1 returning 1 as ok`;
const MARK = `update shard set moved_to = $2 where shard = $1 and epoch < $3`;
const HOLD_MARK = `select 1 as ok from shard where shard = $1 and moved_to is not null for update`;

/**
 * Moves a shard's rows to another database while all shards go on being read. Three commits, and at a crash between any
 * two the same command goes on:
 *
 * 1. At the old database: epoch raised and a mark set. Whoever owned the shard is refused from now on, nobody can claim it
 *    there, and it does not live elsewhere yet: nothing of it changes any more, so nothing that is copied can be outdated.
 * 2. At the new one, all or nothing: its rows, offsets among them, and its fence. This commit is the move. State and
 *    offset arrive together, so the next owner reads on where the state ends: nothing is lost, nothing applied twice.
 * 3. At the old one: the rows go. The mark stays, so that a claim of before, a zombie and a second move find it.
 *
 * @throws ProblemError where it cannot be moved there
 */
export async function moveShard(options: MoveOptions, { shard, to }: ShardMove): Promise<MovedShard> {
  const { databases, clock } = options;
  const target = databases.get(to);
  if (!target) throw unknownDatabase(to, databases);
  const directory = await databases.directory();
  const tables = await tablesToMove(databases.main, options.sharedTables);
  const stays = { shard, from: null, to, rows: 0, stoodStillMs: 0 };
  if (directory.livesIn(shard).includes(to)) {
    await markOthers(directory, databases, { shard, to });
    for (const other of databases.all) if (other.name !== to) await sweepOut(shard, tables, other.database);
    return stays;
  }
  const { name: from, isMoving } = directory.placeOf(shard);
  const source = databases.get(from) as Database;
  if (from === to) {
    if (isMoving) await callOff(directory, databases, { shard, to });
    return stays;
  }
  const startMs = clock.nowMs();
  const left = await leave(source, { shard, to }, from);
  // What is committed is published where it was decided, if its relay lives: then it is published once.
  await untilPublished({ clock, sql: source }, shard, { silentMs: OUTBOX_WAIT_MS, withinMs: OUTBOX_WAIT_MS });
  // Written once and for ever, so harmless without the shard; not in its long transaction, where owners would wait for them.
  const [own, shared] = [tables.filter(({ isByShard }) => isByShard), tables.filter(({ isByShard }) => !isByShard)];
  await target.transaction((tx) => copyShard(shard, shared, source, tx));
  const rows = await target.transaction(async (tx) => {
    // Another run of this command may have come first: then its copy is the shard, and somebody may work on it already.
    if ((await tx.query(ARRIVE, [shard, left.epoch, left.outputOffset])).length === 0) return null;
    await deleteShard(shard, own, tx); // what an earlier stay may have left
    return copyShard(shard, own, source, tx);
  });
  const stoodStillMs = clock.nowMs() - startMs;
  if (rows === null && !(await databases.directory()).livesIn(shard).includes(to)) throw beingMoved(shard, from);
  await sweepOut(shard, tables, source);
  return { shard, from, to, rows: rows ?? 0, stoodStillMs };
}

async function leave(
  source: Database,
  { shard, to }: ShardMove,
  from: string,
): Promise<{ readonly epoch: number; readonly outputOffset: number }> {
  return source.transaction(async (tx) => {
    const [left] = await tx.query<{ epoch: number; outputOffset: number }>(LEAVE, [shard, to]);
    if (!left) throw beingMoved(shard, from); // to a third one
    await tx.query(FENCE_OFFSETS, [shard, left.epoch]);
    return left;
  });
}

/** Rows of a shard that does not live here. */
async function sweepOut(shard: number, tables: Awaited<ReturnType<typeof tablesToMove>>, database: Database) {
  await database.transaction(async (tx) => {
    if ((await tx.query(HOLD_MARK, [shard])).length > 0) await deleteShard(shard, tables, tx);
  });
}

/** The shard stays where it is: first no copy can arrive any more, then it may be claimed again. */
async function callOff(directory: Directory, databases: ShardDatabases, { shard, to }: ShardMove): Promise<void> {
  const mark = directory.markIn(to, shard);
  const epoch = (mark?.epoch ?? 0) + 1;
  const target = databases.get(mark?.movedTo ?? '');
  if (!target) throw unknownDatabase(mark?.movedTo ?? '', databases);
  if ((await target.query(CALL_OFF, [shard, epoch, to])).length === 0) throw beingMoved(shard, to); // it has arrived
  const stays = await (databases.get(to) as Database).query(STAY, [shard, epoch]);
  if (stays.length === 0) throw beingMoved(shard, to); // by somebody who began after we had looked
}

/** A database that was put back to before the shard left it: its rows are out of date, as its epoch says. */
async function markOthers(directory: Directory, databases: ShardDatabases, { shard, to }: ShardMove): Promise<void> {
  const epoch = directory.markIn(to, shard)?.epoch ?? 0;
  const stale = databases.all.filter(({ name }) => name !== to && directory.livesIn(shard).includes(name));
  for (const { name, database } of stale as readonly NamedDatabase[]) {
    if ((directory.markIn(name, shard)?.epoch ?? 0) >= epoch)
      throw new ProblemError({
        code: 'SHARD_IN_TWO_DATABASES',
        detail: `${to} is ahead of ${name} in shard ${shard} → it is not`,
        advice: `move it to ${name}, which has worked on it last`,
      });
    await database.query(MARK, [shard, to, epoch]);
  }
}

function unknownDatabase(name: string, databases: ShardDatabases): ProblemError {
  const known = databases.all.map((each) => each.name).join(', ');
  const advice = `name it in DATABASE_URLS of every instance; ${MAIN} is DATABASE_URL`;
  return new ProblemError({ code: 'DATABASE_UNKNOWN', detail: `one of ${known} → \`${name}\``, advice });
}
