import type { LogRecord } from '#libs/messaging';
import type { Sql } from '#libs/persistence';
import type { Outgoing } from './outbox-rows.js';

/** Records of one topic of one shard, in log order, not applied before. */
export interface ShardBatch {
  readonly shard: number;
  readonly topic: string;
  readonly records: readonly LogRecord[];
}

/** A record that cannot be applied, with its reason; it goes to the dead letters in the batch's transaction. */
export interface Rejected {
  readonly record: LogRecord;
  readonly reason: string;
  readonly detail: string;
  /**
   * Later records of its key must not be applied before somebody has decided about it (on topics that `parks` names).
   * The record has no effect at all then, and neither have those of the batch before it is alone.
   */
  readonly holdsKey?: boolean;
  /**
   * When it is refused at another time than that of its own place in the log, by name: it may have had a letter of that place
   * before, and this is another one.
   */
  readonly occasion?: string;
}

export interface Effects {
  readonly outgoing: readonly Outgoing[];
  readonly rejected: readonly Rejected[];
  /** True: more is due by time alone than one transaction should take; `drain` is called next. */
  readonly pending: boolean;
  /** Called once the transaction has committed: what the processor may keep in memory from now on. */
  readonly committed?: () => void;
}

export const NO_EFFECTS: Effects = { outgoing: [], rejected: [], pending: false };

/** A shard as its new owner finds it: what of each topic has been applied. */
export interface ClaimedShard {
  readonly shard: number;
  readonly nextOffsets: ReadonlyMap<string, number>;
}

/** What one transaction did in two steps. */
export function joinEffects(a: Effects, b: Effects): Effects {
  if (a === NO_EFFECTS) return b;
  if (b === NO_EFFECTS) return a;
  return {
    outgoing: [...a.outgoing, ...b.outgoing],
    rejected: [...a.rejected, ...b.rejected],
    pending: a.pending || b.pending,
    committed: () => {
      a.committed?.();
      b.committed?.();
    },
  };
}

/**
 * What a service does with its part of the log. Everything it reads and writes goes through `tx`: offsets, state and
 * outgoing events commit together. It keeps nothing in memory across calls that a rollback would have to undo: what it
 * remembers of a shard it takes in when told that it is committed, and forgets when told that the claim is gone.
 */
export interface ShardProcessor {
  /**
   * Topics whose order within a key matters: when a record fails, or is refused with `holdsKey`, later ones of its key
   * wait until somebody has decided about it.
   */
  readonly parks?: ReadonlySet<string>;
  /**
   * @throws an infrastructure error to be called again with the same records, anything else to have the failing
   * record isolated by bisection and sent to the dead letters.
   */
  apply(batch: ShardBatch, tx: Sql): Promise<Effects>;
  /** What follows from a record that fails by itself and goes to the dead letters, in the same transaction. */
  bury?(shard: number, record: LogRecord, tx: Sql): Promise<Effects>;
  /** Does a bounded part of what is due by shard time. */
  drain?(shard: number, tx: Sql): Promise<Effects>;
  /** What was remembered of a shard may be out of date: its claim is new, lost, or the fate of a commit is unknown. */
  forget?(shard: number): void;
  /**
   * Shards of this service write to the same things, so none reads on before the database knows what all of them had told
   * when it was claimed.
   */
  readonly learnsFromAll?: boolean;
  /**
   * After a restore this topic is read, in all shards, as far as it reached when that was noticed, before anything else is
   * decided: what was decided in the database's former life knew it.
   */
  readonly readsFirst?: string;
  /** Learns from the service's own output what a restored database has forgotten; before the first input. */
  adopt?(claimed: ClaimedShard, records: readonly LogRecord[], tx: Sql): Promise<void>;
}
