import type { LogRecord } from '#libs/messaging';
import { causesOf, type TracedWork } from '#libs/observability';

/** A batch of a topic, by OpenTelemetry's names for messaging; it is linked to the sends that its records came by. */
export function processingOf(shard: number, topic: string, records: readonly LogRecord[]): TracedWork {
  const attributes = {
    'messaging.system': 'kafka',
    'messaging.operation.type': 'process',
    'messaging.destination.name': topic,
    'messaging.destination.partition.id': String(shard),
    'messaging.batch.message_count': records.length,
    'messaging.kafka.offset': records[0]?.offset ?? 0,
  };
  const causes = causesOf(records.map(({ headers }) => headers?.['traceparent']));
  return { name: `process ${topic}`, kind: 'consumer', attributes, causes };
}

/** Timers that are due, without new input. */
export function drainingOf(shard: number): TracedWork {
  return { name: 'drain', kind: 'internal', attributes: { 'makegood.shard': shard } };
}
