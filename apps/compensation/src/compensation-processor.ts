import { TOPICS } from '#libs/contracts';
import type { LogRecord } from '#libs/messaging';
import { loadSignals, type Signals } from '#libs/signals';
import type { Sql } from '#libs/persistence';
import { NO_EFFECTS, type ClaimedShard, type Effects, type ShardBatch, type ShardProcessor } from '#libs/shard-log';
import { checkNightly } from './ledger/self-check.js';
import { adoptOutput } from './adoption/adopt-output.js';
import { PromiseLog } from './promise-log/promise-log.js';
import { BulkDrain } from './decisions/bulk-drain.js';
import { MoneyLog } from './settlements/money-log.js';
import { followSignals } from './signals/customer-signals.js';
import type { DecisionMeans } from './promise-log/open-room.js';
import type { GuaranteeTerms } from './terms/guarantee-terms.js';
import { WakeDrain } from './wakes/wake-drain.js';
import type { TemplateLibrary } from './words/template-library.js';

/** What compensation does with its part of the log, topic by topic. */
export class CompensationProcessor implements ShardProcessor {
  readonly parks: ReadonlySet<string> = new Set([TOPICS.promises, TOPICS.settlements, TOPICS.signals]);

  /** Settlements come by line, promises by customer: two shards write to one line. */
  readonly learnsFromAll = true;

  /** Money that others gave back lessens what is owed, whoever of the two is heard of first. */
  readonly readsFirst = TOPICS.settlements;

  constructor(
    private readonly promises: PromiseLog,
    private readonly money: MoneyLog,
    private readonly bulk: BulkDrain,
    private readonly wakes: WakeDrain,
    readonly shardCount: number,
    readonly signals: Signals,
    /** A replay runs through years in minutes: its books are checked once, at its end (`GET /ledger/check`). */
    private readonly isLive: boolean,
    readonly terms: GuaranteeTerms,
  ) {}

  async apply(batch: ShardBatch, tx: Sql): Promise<Effects> {
    if (batch.topic === TOPICS.settlements) return this.money.apply(batch, tx);
    if (batch.topic === TOPICS.signals) return followSignals(batch.records, this, tx);
    const { tickMs, ...effects } = await this.promises.apply(batch, tx);
    if (tickMs === null) return effects;
    if (this.isLive && batch.shard === 0) await checkNightly(tickMs, tx);
    const late = await this.money.tick(batch.shard, tickMs, tx);
    return {
      outgoing: [...effects.outgoing, ...late.outgoing],
      rejected: [...effects.rejected, ...late.rejected],
      pending: (await this.wakes.isPending(batch.shard, tx)) || (await this.bulk.isPending(batch.shard, tx)),
    };
  }

  async drain(shard: number, tx: Sql): Promise<Effects> {
    const woken = await this.wakes.drain(shard, tx);
    if (woken === NO_EFFECTS) return this.bulk.drain(shard, tx);
    return { ...woken, pending: woken.pending || (await this.bulk.isPending(shard, tx)) };
  }

  adopt(_claimed: ClaimedShard, records: readonly LogRecord[], tx: Sql): Promise<void> {
    return adoptOutput(records, this, tx);
  }
}

export function createProcessor(
  terms: GuaranteeTerms,
  templates: TemplateLibrary,
  settings: Omit<DecisionMeans, 'terms'> & { readonly isLive: boolean; readonly signals?: Signals },
): CompensationProcessor {
  const { shardCount, isLive } = settings;
  const means = { ...settings, terms };
  const promises = new PromiseLog(means, templates);
  const money = new MoneyLog(means, templates);
  const { signals = loadSignals(null) } = settings;
  const drains = [new BulkDrain(means), new WakeDrain(means, templates)] as const;
  return new CompensationProcessor(promises, money, ...drains, shardCount, signals, isLive, terms);
}
