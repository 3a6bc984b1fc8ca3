import { activeCause } from '#libs/observability';
import type { Database, Sql } from '#libs/persistence';
import { hasLeft } from './databases/claimable.js';
import { beingMoved } from './databases/directory.js';
import { deadLetterOf } from './dead-letters.js';
import { batchSeconds, deadLetters } from './meters.js';
import type { WaitingRow } from './outbox-relay.js';
import { packOutbox, type Outgoing } from './outbox-rows.js';
import type { Parked } from './parking.js';
import { PoisonWatch } from './poison-watch.js';
import type { Effects } from './processor.js';
import type { OwnedShard, ShardLogOptions } from './shard-owner.js';
import { ADVANCE_OFFSET, HOLD_SHARD, INSERT_OUTBOX } from './sql.js';

/** What a commit consumes: up to which offset of a topic, and the leader's term of the last record. */
export interface Input {
  readonly topic: string;
  readonly nextOffset: number;
  readonly leaderEpoch?: number | undefined;
}

/** Somebody else owns the shard, or owned it in between: what was decided here must not count. */
export class FencedError extends Error {}

/** Commits what was decided for a shard that is owned: all of it behind the fence, or nothing. */
export class ShardCommits {
  private readonly poison: PoisonWatch;

  constructor(
    private readonly options: ShardLogOptions,
    private readonly owned: ReadonlyMap<number, OwnedShard>,
  ) {
    this.poison = new PoisonWatch(options.clock, options.log);
  }

  /** The one transaction: fence, effects, outbox. Publishes after it, never before. */
  async commit(shard: OwnedShard, input: Input | null, work: (tx: Sql) => Promise<Effects>): Promise<Effects> {
    const { clock } = this.options;
    const { database, relay } = shard;
    const startMs = clock.nowMs();
    let rows: WaitingRow[] = [];
    try {
      const effects = await database.transaction(async (tx) => {
        await this.fence(shard, input, tx);
        const decided = await work(tx);
        rows = await this.store(shard, decided, tx);
        relay.expect(rows.map(({ id }) => id));
        return decided;
      });
      if (input) {
        shard.nextOffsets.set(input.topic, input.nextOffset);
        if (input.leaderEpoch !== undefined) shard.leaderEpochs.set(input.topic, input.leaderEpoch);
      }
      if (this.owned.get(shard.shard) === shard) effects.committed?.();
      relay.enqueue(rows);
      batchSeconds.observe((clock.nowMs() - startMs) / 1_000);
      for (const { reason } of effects.rejected) deadLetters.inc({ reason });
      this.poison.note(effects.rejected);
      return effects;
    } catch (error) {
      relay.forget(rows.map(({ id }) => id));
      throw error;
    }
  }

  private async fence(shard: OwnedShard, input: Input | null, tx: Sql): Promise<void> {
    const held =
      input === null
        ? await tx.query(HOLD_SHARD, [shard.shard, shard.epoch])
        : await tx.query(ADVANCE_OFFSET, [
            shard.shard,
            input.topic,
            shard.epoch,
            shard.nextOffsets.get(input.topic) ?? 0,
            input.nextOffset,
            input.leaderEpoch ?? -1,
          ]);
    if (held.length > 0) return;
    // No other owner has to be left in peace: whoever goes on claims it where it arrives, as soon as it does.
    if (await hasLeft(tx, shard.shard)) throw beingMoved(shard.shard, this.nameOf(shard.database));
    throw new FencedError(`shard ${shard.shard} has another owner than epoch ${shard.epoch}`);
  }

  private nameOf(database: Database): string {
    return this.options.databases.all.find((each) => each.database === database)?.name ?? '';
  }

  private async store(decider: OwnedShard, effects: Effects, tx: Sql): Promise<WaitingRow[]> {
    const letters: Outgoing[] = effects.rejected.map((rejected) =>
      deadLetterOf(this.options.service, this.options.deadLettersTopic, rejected),
    );
    if (effects.outgoing.length + letters.length === 0) return [];
    const rows = packOutbox(decider.shard, [...effects.outgoing, ...letters]);
    // One statement a row, usually one: inside an array each quote of megabytes of JSON would have to be escaped.
    const stored: WaitingRow[] = [];
    for (const row of rows) {
      const [inserted] = await tx.query<{ id: number }>(INSERT_OUTBOX, [row.shard, row.topic, row.bytes]);
      const { id } = inserted as { id: number };
      stored.push({ ...row, id, cause: activeCause() });
    }
    return stored.filter((row) => this.mayPublish(row.shard, decider));
  }

  /** Rows for a shard of somebody else are left to its owner, who finds them by polling. */
  private mayPublish(publisher: number, decider: OwnedShard): boolean {
    return publisher === decider.shard || this.owned.get(publisher)?.relay === decider.relay;
  }

  /** What waits is known from now on when the transaction has committed, not before. */
  async commitParking(shard: OwnedShard, input: Input, work: (tx: Sql) => Promise<Parked>): Promise<Effects> {
    let { parked } = shard;
    const effects = await this.commit(shard, input, async (tx) => {
      const done = await work(tx);
      parked = done.keys;
      return done.effects;
    });
    shard.parked = parked;
    return effects;
  }
}
