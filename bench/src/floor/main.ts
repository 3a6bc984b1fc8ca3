import { createRequire } from 'node:module';
import { Kafka, logLevel } from 'kafkajs';
import { readConfig } from './config.js';
import { Decider } from './decider.js';
import { Publisher } from './publisher.js';
import { openStore } from './store.js';

/*
 * The floor: the least that a durable Node + Kafka + PostgreSQL design can do for the same input and output. It knows
 * one hard-wired promise: no guarantees, no late scans, no corrections, no evidence, no explanation. kafkajs as it
 * comes, except for its busy loop on idle connections, which would flatter the product.
 */
calmKafkajs();
const config = readConfig();
const kafka = new Kafka({ clientId: 'floor', brokers: [...config.brokers], logLevel: logLevel.NOTHING });
const store = await openStore(config);
const publisher = new Publisher(kafka, store, config.outputTopic);
await publisher.connect();
const decider = new Decider(config, store, publisher);
const consumer = kafka.consumer({
  groupId: config.group,
  maxWaitTimeInMs: 250,
  maxBytes: 16 * 1024 * 1024,
  maxBytesPerPartition: 1024 * 1024,
});
await consumer.connect();
await consumer.subscribe({ topics: [config.inputTopic], fromBeginning: true });
await consumer.run({
  autoCommit: false,
  eachBatchAutoResolve: false,
  partitionsConsumedConcurrently: 4,
  eachBatch: async ({ batch, resolveOffset, heartbeat }) => {
    await decider.onBatch(batch.partition, batch.messages);
    resolveOffset(batch.lastOffset());
    await heartbeat();
  },
});
process.on('SIGTERM', () => process.exit(0));

function calmKafkajs(): void {
  const RequestQueue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue/index.js') as {
    prototype: { pending: unknown[]; scheduleCheckPendingRequests(): void };
  };
  const original = RequestQueue.prototype.scheduleCheckPendingRequests;
  RequestQueue.prototype.scheduleCheckPendingRequests = function (): void {
    if (this.pending.length > 0) original.call(this);
  };
}
