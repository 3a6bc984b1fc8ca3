import { Controller, Inject } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { TOPICS } from '#libs/contracts';
import type { BatchOutcome, RecordBatch } from '#libs/messaging';
import { ShardLog } from '#libs/shard-log';

@Controller()
export class IngressController {
  constructor(@Inject(ShardLog) private readonly shardLog: ShardLog) {}

  @EventPattern(TOPICS.ingress)
  onIngress(@Payload() batch: unknown): Promise<BatchOutcome> {
    return this.shardLog.process(batch as RecordBatch);
  }

  @EventPattern(TOPICS.signals)
  onSignals(@Payload() batch: unknown): Promise<BatchOutcome> {
    return this.shardLog.process(batch as RecordBatch);
  }

  @EventPattern(TOPICS.deadLetters)
  onDeadLetters(@Payload() batch: unknown): Promise<BatchOutcome> {
    return this.shardLog.process(batch as RecordBatch);
  }
}
