import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { encodeCloudEvent, SOURCES, TICK_TYPE, type TickEvent } from '#libs/contracts';
import { formatInstant, nameIdOf, type Clock } from '#libs/kernel';
import type { RecordProducer } from '#libs/messaging';
import type { Logger } from '#libs/observability';
import type { Database } from '#libs/persistence';
import { CLOCK, DATABASE, LOGGER, PRODUCER, SERVICE_OPTIONS, type ServiceOptions } from '#libs/service';
import { ShardLog } from '#libs/shard-log';
import type { SlaTimerEnvironment } from '../config.js';

const EVERY_MS = 1_000;

const LEAST_TIME = `
select min(shard_time_ms) as "timeMs", count(*) as shards, (select coalesce(max(id), 0) from outbox) as "lastRow" from shard_clock`;
const OLDER_ROWS = `select count(*) as rows from outbox where id <= $1`;

/**
 * Passes time on: once a second the owner of shard 0 tells all partitions of `makegood.promises.v1` the least time of
 * all shards, after everything decided before that time has been published. Whatever is due by time alone in
 * compensation and loyalty follows these ticks. A zombie's tick tells an older time and changes nothing.
 */
@Injectable()
export class TickRelay implements OnApplicationShutdown {
  private readonly abort = new AbortController();
  private toldMs = 0;
  private waiting: { timeMs: number; lastRow: number } | null = null;

  constructor(
    @Inject(SERVICE_OPTIONS) private readonly options: ServiceOptions,
    @Inject(ShardLog) private readonly shardLog: ShardLog,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(PRODUCER) private readonly producer: RecordProducer,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    void this.run();
  }

  onApplicationShutdown(): void {
    this.abort.abort();
  }

  private async run(): Promise<void> {
    while (!this.abort.signal.aborted) {
      await this.clock.sleep(EVERY_MS, this.abort.signal);
      if (!this.shardLog.ownedShards().includes(0)) continue;
      await this.relay().catch((error: Error) => this.logger.warn({ error: error.message }, 'tick not passed on'));
    }
  }

  private async relay(): Promise<void> {
    if (this.waiting) {
      const [left] = await this.database.query<{ rows: number }>(OLDER_ROWS, [this.waiting.lastRow]);
      if ((left?.rows ?? 1) > 0) return;
      await this.tell(this.waiting.timeMs);
      this.waiting = null;
    }
    const [least] = await this.database.query<{ timeMs: number | null; shards: number; lastRow: number }>(LEAST_TIME);
    if (!least?.timeMs || least.shards < this.options.environment.MAKEGOOD_SHARDS || least.timeMs <= this.toldMs)
      return;
    this.waiting = { timeMs: least.timeMs, lastRow: least.lastRow };
  }

  private async tell(timeMs: number): Promise<void> {
    const environment = this.options.environment as SlaTimerEnvironment;
    const time = formatInstant(timeMs);
    const event: TickEvent = {
      specversion: '1.0',
      id: nameIdOf('tick', environment.MAKEGOOD_PROMISES_TOPIC, time),
      source: SOURCES.slaTimer,
      type: TICK_TYPE,
      subject: 'tick',
      time,
      data: { everyMs: EVERY_MS, silent: [] },
    };
    const value = encodeCloudEvent(event);
    const partitions = Array.from({ length: environment.MAKEGOOD_SHARDS }, (_, partition) => partition);
    await this.producer.send(
      partitions.map((partition) => ({ topic: environment.MAKEGOOD_PROMISES_TOPIC, partition, key: 'tick', value })),
    );
    this.toldMs = timeMs;
  }
}
