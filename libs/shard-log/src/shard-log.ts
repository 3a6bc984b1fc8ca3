import { HEARTBEAT_INTERVAL_MS, type BatchOutcome, type LogRecord, type RecordBatch } from '#libs/messaging';
import { traced } from '#libs/observability';
import { isInfrastructureError } from '#libs/persistence';
import { readHalts } from './accept-shard.js';
import { batchRecords, batchRetries, fenceRejections, shardsOwned } from './meters.js';
import { knowsOthersOutput } from './others-output.js';
import { hasReadFirst } from './read-first.js';
import { HeldError, Parking } from './parking.js';
import { NO_EFFECTS, type Effects } from './processor.js';
import { FencedError, ShardCommits } from './shard-commit.js';
import { claimShard, type OwnedShard, type ShardLogOptions } from './shard-owner.js';
import { departureOf } from './departure.js';
import { SAVE_HALT } from './sql.js';
import { drainingOf, processingOf } from './traced-work.js';

const RECORDS_PER_TRANSACTION_MAX = 10_000;
const RETRY_DELAY_MS_MAX = 5_000;
/** So long timers may go on after a batch before new input gets its turn. */
const DRAIN_BUDGET_MS = 250;

/**
 * Applies batches with exactly-once effect: offsets, state and outgoing events commit in one PostgreSQL transaction
 * behind a fence (docs/adr/0002). A shard's batches run one at a time, whatever topic they come from.
 */
export class ShardLog {
  private readonly owned = new Map<number, OwnedShard>();
  private readonly turns = new Map<number, Promise<unknown>>();
  /** Shards whose partitions our consumer has paused. */
  private readonly paused = new Set<number>();

  private readonly parking: Parking;
  private readonly commits: ShardCommits;

  constructor(private readonly options: ShardLogOptions) {
    this.parking = new Parking(options.service, options.processor);
    this.commits = new ShardCommits(options, this.owned);
  }

  /** Never rejects: what cannot be done now is in the outcome. */
  process(batch: RecordBatch): Promise<BatchOutcome> {
    const before = this.turns.get(batch.partition) ?? Promise.resolve();
    const turn = before.then(() => this.untilDone(batch));
    this.turns.set(batch.partition, turn);
    return turn;
  }

  /** Shards that this instance believes to own. */
  ownedShards(): number[] {
    return [...this.owned.keys()];
  }

  /** Finds rows for our shards that others left in the outboxes, or that a crash left behind. */
  async pollOutboxes(): Promise<void> {
    const polls = [...this.options.relays.values()].map((relay) =>
      relay.poll([...this.owned.values()].filter((shard) => shard.relay === relay)),
    );
    await Promise.all(polls); // all have begun: a database that is away holds up none of the others
  }

  /** Drops claims of shards that the group gave to others; their next batch, if any, claims anew. */
  retain(shards: readonly number[]): void {
    for (const shard of this.owned.keys()) if (!shards.includes(shard)) this.disown(shard);
  }

  private disown(shard: number): void {
    this.owned.delete(shard);
    shardsOwned.set(this.owned.size);
    this.options.processor.forget?.(shard);
  }

  private async claim({ partition: shard, heartbeat }: RecordBatch): Promise<OwnedShard> {
    this.options.processor.forget?.(shard);
    const claimed = await claimShard(this.options, this.parking, shard, heartbeat);
    this.owned.set(shard, claimed);
    shardsOwned.set(this.owned.size);
    return claimed;
  }

  /** Shards that stood still here and have been accepted since: their partitions may be read again. */
  async released(): Promise<number[]> {
    if (this.paused.size === 0) return [];
    const halts = await readHalts(this.options.databases);
    const released = [...this.paused].filter((shard) => !halts.some((halt) => halt.shard === shard));
    for (const shard of released) {
      this.paused.delete(shard);
      this.disown(shard); // offsets and epoch are others now
    }
    return released;
  }

  /** How many shards stand still here. */
  get haltedCount(): number {
    return this.paused.size;
  }

  private async untilDone(batch: RecordBatch): Promise<BatchOutcome> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.processOnce(batch);
      } catch (error) {
        const retry = await this.prepareRetry(batch, error, attempt);
        if (retry) return retry;
      }
    }
  }

  /** Waits until another try makes sense, or answers why there is none. */
  private async prepareRetry(batch: RecordBatch, error: unknown, attempt: number): Promise<BatchOutcome | null> {
    const { clock, log } = this.options;
    const fields = { topic: batch.topic, shard: batch.partition, attempt, error: (error as Error).message };
    batchRetries.inc();
    if (error instanceof FencedError) fenceRejections.inc();
    if (error instanceof FencedError || isInfrastructureError(error)) log.warn(fields, 'batch goes again');
    else log.error({ ...fields, stack: (error as Error).stack }, 'batch failed for an unknown reason, goes again');
    // Whether the last commit counted is not known after an error: the claim is made anew and tells.
    this.disown(batch.partition);
    const delayMs =
      error instanceof FencedError
        ? HEARTBEAT_INTERVAL_MS + 500
        : Math.min(RETRY_DELAY_MS_MAX, 100 * 2 ** Math.min(attempt, 6));
    await clock.sleep(delayMs);
    if (batch.isStale()) return { kind: 'abandon', error: error as Error };
    try {
      await batch.heartbeat(); // a zombie learns here that the group went on without it
      return null;
    } catch (rebalance) {
      return { kind: 'abandon', error: rebalance as Error };
    }
  }

  private async processOnce(batch: RecordBatch): Promise<BatchOutcome> {
    // It waited for the shard's turn, and meanwhile the shard may have become another's: a claim would take it from them.
    if (batch.isStale()) return { kind: 'abandon', error: new Error('the batch is of an earlier membership') };
    const shard = this.owned.get(batch.partition) ?? (await this.claim(batch));
    if (shard.isHalted) return this.standStill(shard.shard);
    const next = shard.nextOffsets.get(batch.topic) ?? 0;
    const last = batch.lastOffset;
    if (!(await knowsOthersOutput(this.options, shard, batch.heartbeat))) return { kind: 'seek', offset: next };
    if (!(await hasReadFirst(this.options, shard, batch.topic))) return { kind: 'seek', offset: next };
    // What a batch knows of the log's end is as old as its fetch: others may have read further since.
    if (batch.highWatermark < next && (await this.rangeOf(batch)).high < next)
      return this.halt(shard, batch, 'LOG_WENT_BACK');
    const hasLooked = shard.lookedBefore.get(batch.topic) === next;
    const departure = departureOf(batch, next, shard.leaderEpochs.get(batch.topic) ?? -1, hasLooked);
    if (departure === 'departed') return this.halt(shard, batch, 'LOG_WENT_BACK');
    if (departure === 'look-before') {
      shard.lookedBefore.set(batch.topic, next);
      return { kind: 'seek', offset: next - 1 };
    }
    if (last < next) return { kind: 'seek', offset: next };
    const first = batch.records[0]?.offset ?? next;
    // Offsets are sparse (markers of transactions): a hole inside what was fetched is no gap.
    if (first > next && batch.fetchedOffset > next) {
      const { low } = await this.rangeOf(batch);
      if (low <= next) return { kind: 'seek', offset: next };
      return this.halt(shard, batch, 'LOG_TRUNCATED');
    }
    const records = batch.records.filter(({ offset }) => offset >= next);
    for (let i = 0; i < records.length; i += RECORDS_PER_TRANSACTION_MAX) {
      if (batch.isStale()) return { kind: 'seek', offset: shard.nextOffsets.get(batch.topic) ?? next };
      const chunk = records.slice(i, i + RECORDS_PER_TRANSACTION_MAX);
      await shard.relay.hasRoom();
      const { pending } = await this.applyIsolating(shard, batch.topic, chunk);
      if (pending) await this.drain(shard, batch);
      await batch.heartbeat();
    }
    if ((shard.nextOffsets.get(batch.topic) ?? 0) <= last) {
      const leaderEpoch = records.at(-1)?.leaderEpoch;
      await this.commits.commit(
        shard,
        { topic: batch.topic, nextOffset: last + 1, leaderEpoch },
        async () => NO_EFFECTS,
      );
    }
    return { kind: 'done', nextOffset: last + 1 };
  }

  /** Applies records; where that fails by the records themselves, halves until the one at fault stands alone. */
  private async applyIsolating(shard: OwnedShard, topic: string, records: readonly LogRecord[]): Promise<Effects> {
    try {
      const { offset = 0, leaderEpoch } = records.at(-1) ?? {};
      const input = { topic, nextOffset: offset + 1, leaderEpoch };
      const effects = await traced(
        () => processingOf(shard.shard, topic, records),
        () =>
          this.commits.commitParking(shard, input, (tx) =>
            this.parking.apply({ shard: shard.shard, topic, records }, shard.parked, tx),
          ),
      );
      batchRecords.observe(records.length);
      return effects;
    } catch (error) {
      if (error instanceof FencedError || isInfrastructureError(error)) throw error;
      const [record] = records;
      if (records.length === 1 && record) return this.bury(shard, record, error as Error);
      const middle = records.length >> 1;
      const head = await this.applyIsolating(shard, topic, records.slice(0, middle));
      const tail = await this.applyIsolating(shard, topic, records.slice(middle));
      return { ...NO_EFFECTS, pending: head.pending || tail.pending };
    }
  }

  private async bury(shard: OwnedShard, record: LogRecord, error: Error): Promise<Effects> {
    const { log } = this.options;
    const { topic, partition, offset, leaderEpoch } = record;
    const fields = { topic, shard: partition, offset, error: error.message };
    if (error instanceof HeldError)
      log.warn({ ...fields, reason: error.rejected.reason }, 'record refused, its key waits');
    else log.error({ ...fields, stack: error.stack }, 'record goes to the dead letters');
    return this.commits.commitParking(shard, { topic, nextOffset: offset + 1, leaderEpoch }, (tx) =>
      this.parking.bury(shard.shard, record, error, shard.parked, tx),
    );
  }

  private async drain(shard: OwnedShard, batch: RecordBatch): Promise<void> {
    const { clock, processor } = this.options;
    const until = clock.nowMs() + DRAIN_BUDGET_MS;
    for (let pending = true; pending && clock.nowMs() < until && !batch.isStale();) {
      const effects = await traced(
        () => drainingOf(shard.shard),
        () => this.commits.commit(shard, null, async (tx) => (await processor.drain?.(shard.shard, tx)) ?? NO_EFFECTS),
      );
      pending = effects.pending;
      await batch.heartbeat(); // a storm of deadlines takes longer than a session
    }
  }

  /** Written down, so that no other owner and no restart goes on without somebody's word. */
  private async halt(shard: OwnedShard, batch: RecordBatch, reason: string): Promise<BatchOutcome> {
    const { log, clock } = this.options;
    const next = shard.nextOffsets.get(batch.topic) ?? 0;
    const { high: end } = await this.rangeOf(batch);
    await shard.database.query(SAVE_HALT, [shard.shard, batch.topic, reason, next, end, clock.nowMs()]);
    log.error({ topic: batch.topic, shard: batch.partition, next, end }, `${reason}: the shard stands still`);
    shard.isHalted = true;
    return this.standStill(shard.shard);
  }

  private standStill(shard: number): BatchOutcome {
    this.paused.add(shard);
    return { kind: 'halt' };
  }

  private async rangeOf(batch: RecordBatch): Promise<{ readonly low: number; readonly high: number }> {
    const offsets = await this.options.reader.offsetsOf(batch.topic);
    return offsets.find(({ partition }) => partition === batch.partition) ?? { low: 0, high: 0 };
  }
}
