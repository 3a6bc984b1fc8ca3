/** Tables that every service of the shard log has in its own schema (part of its first migration). */
export const SHARD_LOG_TABLES = `
create table shard (
  shard         integer primary key,
  epoch         bigint not null,
  output_offset bigint not null default 0
);
create table shard_offset (
  shard       integer not null,
  topic       text not null,
  next_offset bigint not null,
  epoch       bigint not null,
  primary key (shard, topic)
);
create table outbox (
  id      bigint generated always as identity primary key,
  shard   integer not null,
  topic   text not null,
  records text not null
);
-- Rows live for milliseconds: compressing them costs more than all else that is done with them.
alter table outbox alter column records set storage external;
create index outbox_by_shard on outbox (shard, id);
`;

/** Second migration: a shard whose log went back stands still, across restarts and owners, until somebody accepts it. */
export const SHARD_HALT_TABLES = `
-- Term of the leader that appended the record before next_offset; -1: not known.
alter table shard_offset add column leader_epoch integer not null default -1;
create table shard_halt (
  shard       integer primary key,
  topic       text not null,
  reason      text not null,
  next_offset bigint not null,
  log_end     bigint not null,
  at_ms       bigint not null
);
`;

/** Third migration: a shard that was moved, or is being moved, to another database of the service is not claimed here. */
export const SHARD_MOVE_TABLES = `
-- Name of the database; null: the shard lives here.
alter table shard add column moved_to text;
`;

/**
 * Outbox rows live for milliseconds and are megabytes (in pieces of 2 kB, in its TOAST table): by the share of a table that
 * is nearly empty, or at the pace of other tables, their room would come back late. How often somebody looks is up to the
 * server (`autovacuum_naptime`).
 */
export const OUTBOX_VACUUM = `
alter table outbox set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 100, autovacuum_vacuum_cost_delay = 0,
  toast.autovacuum_vacuum_scale_factor = 0, toast.autovacuum_vacuum_threshold = 2000, toast.autovacuum_vacuum_cost_delay = 0);
`;
