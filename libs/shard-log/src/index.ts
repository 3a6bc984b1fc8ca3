export { acceptShard, readHalts, type AcceptedTopic, type Halt } from './accept-shard.js';
export { moveShard, type MovedShard } from './databases/move-shard.js';
export { MAIN, ShardDatabases, type Answers, type NamedDatabase } from './databases/shard-databases.js';
export { deadLetterIdOf } from './dead-letters.js';
export { OutboxRelay } from './outbox-relay.js';
export type { Outgoing } from './outbox-rows.js';
export { lagRecords, outboxAge, outboxRows, parkedKeys, parkedRecords } from './meters.js';
export { PARKED_TABLES } from './parked-sql.js';
export {
  NO_EFFECTS,
  type ClaimedShard,
  type Effects,
  type Rejected,
  type ShardBatch,
  type ShardProcessor,
} from './processor.js';
export { readProgress, type Progress } from './progress.js';
export { ShardLog } from './shard-log.js';
export { advanceShardClock, INITIAL_SHARD_CLOCK, type ShardClock } from './shard-time.js';
export { OUTBOX_VACUUM, SHARD_HALT_TABLES, SHARD_LOG_TABLES, SHARD_MOVE_TABLES } from './tables.js';
