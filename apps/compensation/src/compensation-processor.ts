import { TOPICS } from '#libs/contracts';
import type { LogRecord } from '#libs/messaging';
import type { Sql } from '#libs/persistence';
import type { Effects, ShardBatch, ShardProcessor } from '#libs/shard-log';
import { adoptOutput } from './adoption/adopt-output.js';
import type { PromiseLog } from './promise-log/promise-log.js';
import type { SettlementLog } from './settlements/settlement-log.js';
import { followSignals } from './signals/customer-signals.js';

/** What compensation does with its part of the log, topic by topic. */
export class CompensationProcessor implements ShardProcessor {
  constructor(
    private readonly promises: PromiseLog,
    private readonly settlements: SettlementLog,
  ) {}

  async apply(batch: ShardBatch, tx: Sql): Promise<Effects> {
    if (batch.topic === TOPICS.settlements) return this.settlements.apply(batch, tx);
    if (batch.topic === TOPICS.signals) return followSignals(batch.records, tx);
    const { tickMs, ...effects } = await this.promises.apply(batch, tx);
    if (tickMs === null) return effects;
    const late = await this.settlements.tick(batch.shard, tickMs, tx);
    return {
      outgoing: [...effects.outgoing, ...late.outgoing],
      rejected: [...effects.rejected, ...late.rejected],
      pending: false,
    };
  }

  adopt(_shard: number, records: readonly LogRecord[], tx: Sql): Promise<void> {
    return adoptOutput(records, tx);
  }
}
