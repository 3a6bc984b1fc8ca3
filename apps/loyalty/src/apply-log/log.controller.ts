import { Controller, Inject } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { TOPICS } from '#libs/contracts';
import type { BatchOutcome, RecordBatch } from '#libs/messaging';
import { ShardLog } from '#libs/shard-log';

/** Batches of the log, in: promises and compensations are read, signals wait for the whole model. */
@Controller()
export class LogController {
  constructor(@Inject(ShardLog) private readonly shardLog: ShardLog) {}

  @EventPattern(TOPICS.promises)
  promises(@Payload() batch: RecordBatch): Promise<BatchOutcome> {
    return this.shardLog.process(batch);
  }

  @EventPattern(TOPICS.compensations)
  compensations(@Payload() batch: RecordBatch): Promise<BatchOutcome> {
    return this.shardLog.process(batch);
  }

  @EventPattern(TOPICS.signals)
  signals(@Payload() batch: RecordBatch): Promise<BatchOutcome> {
    return this.shardLog.process(batch);
  }
}
