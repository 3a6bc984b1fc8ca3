import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { encodeCloudEvent, SOURCES, TICK_TYPE, type TickEvent } from '#libs/contracts';
import { formatInstant, nameIdOf, type Clock } from '#libs/kernel';
import type { RecordProducer } from '#libs/messaging';
import type { Logger } from '#libs/observability';
import { CLOCK, DATABASES, LOGGER, PRODUCER, SERVICE_OPTIONS, type ServiceOptions } from '#libs/service';
import { ShardDatabases, ShardLog, type Answers } from '#libs/shard-log';
import type { SlaTimerEnvironment } from '../config.js';

const EVERY_MS = 1_000;

const LEAST_TIME = `
select min(shard_time_ms) as "timeMs", count(*) as shards, (select coalesce(max(id), 0) from outbox) as "lastRow"
from shard_clock where shard <> all($1::integer[])`;
const OLDER_ROWS = `select count(*) as rows from outbox where id <= $1`;

interface Least {
  readonly timeMs: number | null;
  readonly shards: number;
  readonly lastRow: number;
}

/**
 * Passes time on: once a second the owner of shard 0 tells all partitions of `makegood.promises.v1` the least time of
 * all shards, after everything decided before that time has been published. Whatever is due by time alone in
 * compensation and loyalty follows these ticks. A zombie's tick tells an older time and changes nothing.
 */
@Injectable()
export class TickRelay implements OnApplicationShutdown {
  private readonly abort = new AbortController();
  private toldMs = 0;
  private waiting: { readonly timeMs: number; readonly answers: Answers<Least> } | null = null;

  constructor(
    @Inject(SERVICE_OPTIONS) private readonly options: ServiceOptions,
    @Inject(ShardLog) private readonly shardLog: ShardLog,
    @Inject(DATABASES) private readonly databases: ShardDatabases,
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
      const { timeMs, answers } = this.waiting;
      if (!(await arePublished(answers))) return;
      this.waiting = null;
      // What a shard that was moved meanwhile had not published yet is under other numbers now: look again.
      if ((await this.databases.version()) === answers.version) await this.tell(timeMs);
    }
    const answers = await this.databases.askEach<Least>(LEAST_TIME);
    const all = answers.of.flatMap(({ rows }) => rows).filter(({ shards }) => shards > 0);
    const timeMs = Math.min(...all.map((least) => least.timeMs ?? 0));
    const shards = all.reduce((sum, least) => sum + least.shards, 0);
    if (shards < this.options.environment.MAKEGOOD_SHARDS || timeMs <= this.toldMs) return;
    this.waiting = { timeMs, answers };
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

/** Whether no outbox has rows any more that it had then. */
async function arePublished({ of }: Answers<Least>): Promise<boolean> {
  const left = await Promise.all(
    of.map(async ({ database, rows: [least] }) => {
      const [row] = await database.query<{ rows: number }>(OLDER_ROWS, [least?.lastRow ?? 0]);
      return row?.rows ?? 1;
    }),
  );
  return left.every((rows) => rows === 0);
}
