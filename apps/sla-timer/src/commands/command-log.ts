import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { encodeCloudEvent, partitionOf, SOURCES, TOPICS, type CloudEvent } from '#libs/contracts';
import { formatInstant, type Clock } from '#libs/kernel';
import type { RecordProducer } from '#libs/messaging';
import { CLOCK, DATABASES, HttpProblem, PRODUCER, SERVICE_OPTIONS, type ServiceOptions } from '#libs/service';
import type { ShardDatabases } from '#libs/shard-log';

const APPLIED_WITHIN_MS = 5_000;
const POLL_MS = 25;
const IDEMPOTENCY_KEY_CHARS_MAX = 200;

const LAST_TICK = `select coalesce(last_tick_ms, 0) as "lastTickMs" from shard_clock where shard = $1`;

/** What the handlers of commands say into the log, and how they wait until it is applied. */
@Injectable()
export class CommandLog {
  constructor(
    @Inject(DATABASES) private readonly databases: ShardDatabases,
    @Inject(PRODUCER) private readonly producer: RecordProducer,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SERVICE_OPTIONS) private readonly options: ServiceOptions,
  ) {}

  get shardCount(): number {
    return this.options.environment.MAKEGOOD_SHARDS;
  }

  /** A command for every shard: intake's lease holder copies it into each. */
  async tellAll<Data>(type: string, subject: string, id: string, data: Data): Promise<void> {
    const event: CloudEvent<Data> = {
      specversion: '1.0',
      id,
      source: SOURCES.slaTimer,
      type,
      subject,
      time: formatInstant(this.clock.nowMs()),
      data,
    };
    await this.producer.send([{ topic: TOPICS.control, partition: 0, key: subject, value: encodeCloudEvent(event) }]);
  }

  /** A command about one subject, to its partition; in a replay it is received when the clock stands there. */
  async tellSubject(event: CloudEvent<unknown>): Promise<void> {
    const partition = partitionOf(event.subject, this.shardCount);
    const database = await this.databases.of(partition);
    const [row] = await database.query<{ lastTickMs: number }>(LAST_TICK, [partition]);
    await this.producer.send([
      {
        topic: TOPICS.events,
        partition,
        key: event.subject,
        value: encodeCloudEvent(event),
        ...(this.options.environment.MAKEGOOD_MODE === 'replay' ? { timestampMs: row?.lastTickMs ?? 0 } : {}),
      },
    ]);
  }

  /** @returns false when it has not come true within 5 s: it is in the log, and will. */
  async isApplied(probe: () => Promise<boolean>): Promise<boolean> {
    const untilMs = this.clock.nowMs() + APPLIED_WITHIN_MS;
    while (this.clock.nowMs() < untilMs) {
      if (await probe()) return true;
      await this.clock.sleep(POLL_MS);
    }
    return false;
  }

  /** The client's Idempotency-Key, or a fresh one. @throws HttpProblem 400 when it is too long. */
  keyFrom(header: string | undefined): string {
    if (header === undefined || header === '') return randomUUID();
    if (header.length <= IDEMPOTENCY_KEY_CHARS_MAX) return header;
    throw new HttpProblem(400, {
      code: 'FIELD_INVALID',
      detail: `an Idempotency-Key has at most ${IDEMPOTENCY_KEY_CHARS_MAX} characters, this one ${header.length}`,
      pointer: '/headers/idempotency-key',
    });
  }
}
