/** Injection tokens of what every service gets from its kit. */
export const CLOCK = Symbol('Clock');
export const LOGGER = Symbol('Logger');
export const DATABASE = Symbol('Database');
export const KAFKA = Symbol('Kafka');
export const PRODUCER = Symbol('RecordProducer');
export const LOG_READER = Symbol('LogReader');
export const OUTBOX_RELAY = Symbol('OutboxRelay');
export const SERVICE_OPTIONS = Symbol('ServiceOptions');
/** The app's own ShardProcessor. */
export const SHARD_PROCESSOR = Symbol('ShardProcessor');
