import type { Clock } from '#libs/kernel';
import type { LogReader } from '#libs/messaging';
import type { Database, Sql } from '#libs/persistence';
import { claimable } from './databases/claimable.js';
import { beingMoved } from './databases/directory.js';
import type { ShardDatabases } from './databases/shard-databases.js';
import { learnOutput } from './learn-output.js';
import type { OutboxRelay } from './outbox-relay.js';
import type { ParkedKeys, Parking } from './parking.js';
import type { ShardProcessor } from './processor.js';
import { FencedError } from './shard-commit.js';
import { ADOPT_UP_TO, CLAIM_OFFSETS, CLAIM_SHARD, FIND_HALT } from './sql.js';
import { untilPublished } from './until-published.js';

/** A send takes milliseconds: who has not got one through for so long has died, or waits for the broker as we would. */
const SILENT_MS = 1_000;

/** What the owner of a shard knows since it claimed it. */
export interface OwnedShard {
  readonly shard: number;
  /** Where its offsets, its state and its outbox are, and who publishes from there. */
  readonly database: Database;
  readonly relay: OutboxRelay;
  readonly epoch: number;
  readonly nextOffsets: Map<string, number>;
  /** Term of the leader that appended the last record applied, by topic; -1: not known. */
  readonly leaderEpochs: Map<string, number>;
  /** The offset before which it was looked whether the log still is the same, by topic. */
  readonly lookedBefore: Map<string, number>;
  /** Of other shards: where their output ended at the claim, as long as the database may not know all of it. */
  readonly unlearned: Map<number, number>;
  /** How often it was looked whether it does. */
  looks: number;
  /** The database was put back: it did not know all that had been told when the shard was claimed. */
  isRestored: boolean;
  /** By shard, how far `readsFirst` has to be read before anything else; null: it was not asked yet. */
  unread: Map<number, number> | null;
  /** Keys whose records wait behind a dead letter. */
  parked: ParkedKeys;
  /** Its log went back, and nobody has accepted that: nothing is read. */
  isHalted: boolean;
}

export interface ShardLogOptions {
  /** The service's name, as in its group, its source and its dead letters. */
  readonly service: string;
  readonly databases: ShardDatabases;
  /** By the name of the database whose outbox they publish. */
  readonly relays: ReadonlyMap<string, OutboxRelay>;
  readonly reader: LogReader;
  readonly clock: Clock;
  /** Every topic whose partition s belongs to shard s of this service. */
  readonly topics: readonly string[];
  readonly outputTopic: string | null;
  readonly deadLettersTopic: string;
  readonly processor: ShardProcessor;
  readonly log: { warn(fields: object, message: string): void; error(fields: object, message: string): void };
}

/**
 * Lets the owner before finish, raises the epoch, learns from the service's own output, publishes what is left: then input may come.
 * @param heartbeat called after each part of what is learned, which may take longer than a session; throws when it is over
 */
export async function claimShard(
  options: ShardLogOptions,
  parking: Parking,
  shard: number,
  heartbeat: () => Promise<void>,
): Promise<OwnedShard> {
  const { name, database } = await claimable(options, shard, heartbeat);
  const relay = options.relays.get(name);
  if (!relay) throw new Error(`nobody publishes from database ${name}`);
  await untilPublished({ clock: options.clock, sql: database }, shard, { silentMs: SILENT_MS }, heartbeat);
  const claimed = await database.transaction(async (tx) => {
    const [row] = await tx.query<{ epoch: number; outputOffset: number }>(CLAIM_SHARD, [shard]);
    if (!row) throw beingMoved(shard, name);
    const offsets = await tx.query<{ topic: string; nextOffset: number; leaderEpoch?: number }>(CLAIM_OFFSETS, [
      shard,
      row.epoch,
      options.topics,
    ]);
    return {
      shard,
      database,
      relay,
      ...row,
      nextOffsets: new Map(offsets.map(({ topic, nextOffset }) => [topic, nextOffset])),
      leaderEpochs: new Map(offsets.map(({ topic, leaderEpoch }) => [topic, leaderEpoch ?? -1])),
      lookedBefore: new Map<string, number>(),
      unlearned: new Map<number, number>(),
      looks: 0,
      isRestored: false,
      unread: null,
      parked: await parking.load(shard, tx),
      isHalted: (await tx.query(FIND_HALT, [shard])).length > 0,
    };
  });
  await adoptOutput(options, claimed, heartbeat);
  // Older rows first: what is decided from now on must not overtake them.
  while ((await relay.poll([claimed])) > 0) await relay.flush();
  return claimed;
}

async function adoptOutput(
  options: ShardLogOptions,
  claimed: OwnedShard & { readonly outputOffset: number },
  heartbeat: () => Promise<void>,
): Promise<void> {
  const { shard, epoch, outputOffset: knownOffset } = claimed;
  const { outputTopic, processor, reader } = options;
  if (outputTopic === null || !processor.adopt) return;
  const ends = new Map((await reader.offsetsOf(outputTopic)).map(({ partition, high }) => [partition, high]));
  const end = ends.get(shard) ?? 0;
  if (processor.learnsFromAll)
    for (const [other, high] of ends) if (other !== shard) claimed.unlearned.set(other, high);
  if (end <= knownOffset) return;
  claimed.isRestored = true;
  options.log.warn({ shard, knownOffset, end }, 'own output goes further than the database knows: adopting it');
  const knowUpTo = async (offset: number, tx: Sql): Promise<void> => {
    const held = await tx.query(ADOPT_UP_TO, [shard, epoch, offset]);
    if (held.length === 0) throw new FencedError(`shard ${shard} has another owner than epoch ${epoch}`);
  };
  await learnOutput(options, claimed, { from: knownOffset, to: end }, knowUpTo, heartbeat);
}
