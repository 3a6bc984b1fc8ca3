import { Inject, Injectable } from '@nestjs/common';
import { encodeCloudEvent, partitionCountOf, partitionOf, SOURCES } from '#libs/contracts';
import { formatInstant, type Clock } from '#libs/kernel';
import type { RecordProducer } from '#libs/messaging';
import { CLOCK, PRODUCER, SERVICE_OPTIONS, type ServiceOptions } from '#libs/service';

const APPLIED_WITHIN_MS = 5_000;
const LOOK_AGAIN_MS = 40;

export interface MoneyCommand {
  /** The client's idempotency key, or a fresh one. */
  readonly id: string;
  readonly type: string;
  readonly topic: string;
  readonly key: string;
  /** Key of the person. */
  readonly actor: string;
  readonly data: object;
  /** RFC 3339; now, if not given. */
  readonly time?: string;
  readonly subject?: string;
}

/** Whatever changes money over HTTP is an event first: written to the log, and waited for. */
@Injectable()
export class MoneyCommands {
  constructor(
    @Inject(PRODUCER) private readonly producer: RecordProducer,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SERVICE_OPTIONS) private readonly options: ServiceOptions,
  ) {}

  get shards(): number {
    return this.options.environment.MAKEGOOD_SHARDS;
  }

  /** Resolves once all in-sync replicas have them. */
  async send(...commands: readonly MoneyCommand[]): Promise<void> {
    const nowMs = this.clock.nowMs();
    await this.producer.send(
      commands.map(({ id, type, topic, key, actor, data, time, subject }) => ({
        topic,
        partition: partitionOf(key, partitionCountOf(topic, this.shards)),
        key,
        value: encodeCloudEvent({
          specversion: '1.0',
          id,
          source: SOURCES.operator,
          type,
          subject: subject ?? key,
          time: time ?? formatInstant(nowMs),
          actor,
          data,
        }),
        timestampMs: nowMs,
      })),
    );
  }

  /** What became of a command; null: not applied within 5 s. */
  async untilKnown<T>(look: () => Promise<T | null>): Promise<T | null> {
    const until = this.clock.nowMs() + APPLIED_WITHIN_MS;
    for (;;) {
      const found = await look();
      if (found !== null || this.clock.nowMs() >= until) return found;
      await this.clock.sleep(LOOK_AGAIN_MS);
    }
  }
}
