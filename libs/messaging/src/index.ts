export { BatchConsumer, HEARTBEAT_INTERVAL_MS } from './batch-consumer.js';
export { KafkaBatchServer } from './kafka-batch-server.js';
export { onGivenUp } from './given-up.js';
export { createKafka, type KafkaOptions } from './kafka-client.js';
export { SerialProducer } from './kafka-producer.js';
export { LogReader } from './log-reader.js';
export { packRecords, type PackedRow } from './packed-row.js';
export { publisherOver, recordsOf, type RowPublisher } from './row-publisher.js';
export type {
  BatchHandler,
  BatchOutcome,
  LogRecord,
  OutgoingRecord,
  PartitionOffsets,
  ProducedRange,
  RecordBatch,
  RecordHeaders,
  RecordProducer,
} from './records.js';
export { ThreadPublisher } from './thread/thread-publisher.js';
export type { Kafka } from 'kafkajs';
