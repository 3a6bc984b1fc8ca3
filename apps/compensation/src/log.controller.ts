import { Controller, Inject } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { TOPICS } from '#libs/contracts';
import type { BatchOutcome, RecordBatch } from '#libs/messaging';
import { ShardLog } from '#libs/shard-log';

/** The topics of which each shard of this service has its part. */
@Controller()
export class LogController {
  constructor(@Inject(ShardLog) private readonly log: ShardLog) {}

  @EventPattern(TOPICS.promises)
  promises(@Payload() batch: unknown): Promise<BatchOutcome> {
    return this.log.process(batch as RecordBatch);
  }

  @EventPattern(TOPICS.settlements)
  settlements(@Payload() batch: unknown): Promise<BatchOutcome> {
    return this.log.process(batch as RecordBatch);
  }

  @EventPattern(TOPICS.signals)
  signals(@Payload() batch: unknown): Promise<BatchOutcome> {
    return this.log.process(batch as RecordBatch);
  }
}
