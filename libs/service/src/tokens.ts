/** Injection tokens of what every service gets from its kit. */
export const CLOCK = Symbol('Clock');
export const LOGGER = Symbol('Logger');
/** The service's main database: what it knows from the control topic, and all that has no shard. */
export const DATABASE = Symbol('Database');
/** All of them: what belongs to a shard is asked for through these. */
export const DATABASES = Symbol('ShardDatabases');
export const KAFKA = Symbol('Kafka');
export const PRODUCER = Symbol('RecordProducer');
export const LOG_READER = Symbol('LogReader');
/** Of outbox rows; one for all relays. */
export const ROW_PUBLISHER = Symbol('RowPublisher');
/** By the name of the database whose outbox they publish. */
export const OUTBOX_RELAYS = Symbol('OutboxRelays');
export const SERVICE_OPTIONS = Symbol('ServiceOptions');
/** The app's own ShardProcessor. */
export const SHARD_PROCESSOR = Symbol('ShardProcessor');
