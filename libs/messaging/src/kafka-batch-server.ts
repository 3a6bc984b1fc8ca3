import { Server, type CustomTransportStrategy } from '@nestjs/microservices';
import { defaultIfEmpty, lastValueFrom } from 'rxjs';
import { BatchConsumer, type BatchConsumerOptions } from './batch-consumer.js';
import type { BatchOutcome, RecordBatch } from './records.js';

export type KafkaBatchServerOptions = Omit<BatchConsumerOptions, 'handlerOf'>;

/**
 * Nest transport for whole batches: an `@EventPattern(TOPIC)` handler receives a RecordBatch and answers with a
 * BatchOutcome. Nest's own Kafka transport knows single messages only, commits topics that nobody handles and hides
 * crashes (docs/adr/0006).
 */
export class KafkaBatchServer extends Server implements CustomTransportStrategy {
  override readonly transportId = Symbol('makegood-kafka-batches');
  private consumer: BatchConsumer | null = null;

  constructor(private readonly options: KafkaBatchServerOptions) {
    super();
  }

  listen(callback: (error?: unknown) => void): void {
    const unhandled = this.options.topics.filter((topic) => !this.messageHandlers.has(topic));
    if (unhandled.length > 0)
      return callback(new Error(`no handler for ${unhandled.join(', ')}: records would be lost`));
    this.consumer = new BatchConsumer({ ...this.options, handlerOf: (topic) => (batch) => this.handle(topic, batch) });
    this.consumer.start().then(() => callback(), callback);
  }

  async close(): Promise<void> {
    await this.consumer?.stop();
  }

  async mirrorOffsets(offsets: Parameters<BatchConsumer['mirrorOffsets']>[0]): Promise<void> {
    await this.consumer?.mirrorOffsets(offsets);
  }

  resume(partition: number): void {
    this.consumer?.resume(partition);
  }

  on(): never {
    throw new Error('KafkaBatchServer has no events of its own: use onFatal and onAssignment');
  }

  unwrap<T>(): T {
    return this.consumer as T;
  }

  private async handle(topic: string, batch: RecordBatch): Promise<BatchOutcome> {
    const handler = this.messageHandlers.get(topic);
    if (!handler) throw new Error(`no handler for ${topic}`);
    const answer = this.transformToObservable<BatchOutcome>(await handler(batch, undefined));
    const outcome = await lastValueFrom(answer.pipe(defaultIfEmpty(null)));
    // Nest swallows what a handler throws; a handler of ours answers or something is broken.
    if (outcome === null) throw new Error(`the handler of ${topic} failed; see its log`);
    return outcome;
  }
}
