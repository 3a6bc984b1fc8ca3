import { createRequire } from 'node:module';
import { Kafka, logLevel } from 'kafkajs';
import { readConfig } from './config.js';
import { Decider, DECIDER_TABLES } from './decider.js';
import { read } from './reader.js';
import { receive } from './receiver.js';
import { Refunder, REFUNDER_TABLES } from './refunder.js';
import { Scorer, SCORER_TABLES } from './scorer.js';
import { openStore } from './store.js';

/*
 * The floor: the least that a durable Node + Kafka + PostgreSQL design can do for the same input and output. It knows
 * one hard-wired promise, refund and score: no guarantees, no late scans, no corrections, no evidence, no explanation.
 * kafkajs as it comes, except for its busy loop on idle connections, which would flatter the product.
 */
calmKafkajs();
process.on('SIGTERM', () => process.exit(0));
const config = readConfig();
const kafka = new Kafka({ clientId: 'floor', brokers: [...config.brokers], logLevel: logLevel.NOTHING });
if (config.role === 'receiver') await receive(kafka, config);
else if (config.role === 'decider')
  await read(kafka, config, new Decider(config), await openStore(config, DECIDER_TABLES));
else if (config.role === 'refunder')
  await read(kafka, config, new Refunder(config), await openStore(config, REFUNDER_TABLES));
else await read(kafka, config, new Scorer(config), await openStore(config, SCORER_TABLES));

function calmKafkajs(): void {
  const RequestQueue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue/index.js') as {
    prototype: { pending: unknown[]; scheduleCheckPendingRequests(): void };
  };
  const original = RequestQueue.prototype.scheduleCheckPendingRequests;
  RequestQueue.prototype.scheduleCheckPendingRequests = function (): void {
    if (this.pending.length > 0) original.call(this);
  };
}
